using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Stemma.Text.Tokenizers.Bpe;

/// <summary>
/// Merges the parts of a word, the lowest rank first and the leftmost of equals first (Sennrich et al. 2016, arXiv:1508.07909): a scan over the ranks finds
/// the next merge of a short word, a heap that of a long one. Serves one thread at a time.
/// </summary>
internal sealed class WordMerger(MergeTable merges)
{
    /// <summary>From this many parts on the heap is faster.</summary>
    public const int HeapLength = 128;

    private readonly LongWordMerger longWords = new(merges);
    private readonly int[] ranks = new int[HeapLength];

    /// <summary>Merges in place; the new length.</summary>
    /// <param name="ids">The parts.</param>
    /// <param name="lengths">A length for each part, added up where parts merge; empty when nobody asks.</param>
    public int Merge(Span<int> ids, Span<int> lengths = default)
    {
        var length = ids.Length;
        if (length >= HeapLength) return longWords.Merge(ids, lengths);
        for (var i = 0; i < length - 1; i++) ranks[i] = merges.Rank(ids[i], ids[i + 1], out _);
        while (length > 1)
        {
            var at = Lowest(ranks.AsSpan(0, length - 1));
            if (ranks[at] == MergeTable.NoRank) break;
            merges.Rank(ids[at], ids[at + 1], out ids[at]);
            length--;
            ids.Slice(at + 2, length - at - 1).CopyTo(ids[(at + 1)..]);
            ranks.AsSpan(at + 1, length - at - 1).CopyTo(ranks.AsSpan(at));
            if (!lengths.IsEmpty)
            {
                lengths[at] += lengths[at + 1];
                lengths.Slice(at + 2, length - at - 1).CopyTo(lengths[(at + 1)..]);
            }

            if (at > 0) ranks[at - 1] = merges.Rank(ids[at - 1], ids[at], out _);
            if (at < length - 1) ranks[at] = merges.Rank(ids[at], ids[at + 1], out _);
        }

        return length;
    }

    // The leftmost of the lowest.
    private static int Lowest(ReadOnlySpan<int> ranks)
    {
        if (ranks.Length >= 2 * Vector256<int>.Count)
        {
            ref var first = ref MemoryMarshal.GetReference(ranks);
            var last = ranks.Length - Vector256<int>.Count;
            var lowest = Vector256.LoadUnsafe(ref first, (nuint)last);
            for (var i = 0; i < last; i += Vector256<int>.Count) lowest = Vector256.Min(lowest, Vector256.LoadUnsafe(ref first, (nuint)i));
            var halves = Vector128.Min(lowest.GetLower(), lowest.GetUpper());
            return ranks.IndexOf(Math.Min(Math.Min(halves[0], halves[1]), Math.Min(halves[2], halves[3])));
        }

        var at = 0;
        for (var i = 1; i < ranks.Length; i++)
            if (ranks[i] < ranks[at]) at = i;
        return at;
    }
}
