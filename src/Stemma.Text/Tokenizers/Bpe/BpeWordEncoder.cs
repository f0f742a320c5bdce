using System.Text;
using Stemma.Text.Tokenizers.Models;

namespace Stemma.Text.Tokenizers.Bpe;

/// <summary>
/// Encodes one word after another: bytes, then merges, the lowest rank first and the leftmost of equals first (Sennrich et al.
/// 2016, arXiv:1508.07909). Holds scratch memory and the words it has seen, so it serves one thread at a time.
/// </summary>
/// <param name="byteIds">The id of each single byte, 256 entries.</param>
/// <param name="merges">The ranks.</param>
/// <param name="wholeWords">The model whose vocabulary answers for words that are tokens, whatever the merges say; null for none.</param>
internal sealed class BpeWordEncoder(int[] byteIds, MergeTable merges, BpeModel? wholeWords = null)
{
    /// <summary>From this many bytes on a heap finds the next merge; below it a scan over the parts is faster.</summary>
    public const int HeapLength = 96;

    private readonly WordCache cache = new();
    private readonly LongWordMerger longWords = new(merges);
    private byte[] bytes = new byte[HeapLength * 2];
    private int[] ids = new int[HeapLength * 2];
    private int[] ranks = new int[HeapLength * 2];

    /// <summary>Appends the tokens of a word.</summary>
    public void Encode(ReadOnlySpan<char> word, List<int> destination)
    {
        var hash = WordCache.Hash(word);
        if (cache.TryAppend(word, hash, destination)) return;
        var encoded = Merge(word);
        destination.AddRange(encoded);
        cache.Add(word, hash, encoded);
    }

    /// <summary>How many tokens a word has.</summary>
    public int Count(ReadOnlySpan<char> word)
    {
        var hash = WordCache.Hash(word);
        if (cache.Count(word, hash) is var known and >= 0) return known;
        var encoded = Merge(word);
        cache.Add(word, hash, encoded);
        return encoded.Length;
    }

    private ReadOnlySpan<int> Merge(ReadOnlySpan<char> word)
    {
        var capacity = Encoding.UTF8.GetMaxByteCount(word.Length);
        if (bytes.Length < capacity) (bytes, ids, ranks) = (new byte[capacity], new int[capacity], new int[capacity]);
        var length = Encoding.UTF8.GetBytes(word, bytes);
        if (wholeWords is not null && wholeWords.TryGetId(ByteAlphabet.Spell(bytes.AsSpan(0, length)), out ids[0])) return ids.AsSpan(0, 1);
        for (var i = 0; i < length; i++) ids[i] = byteIds[bytes[i]];
        length = length < HeapLength ? MergeByScan(length) : longWords.Merge(ids.AsSpan(0, length));
        return ids.AsSpan(0, length);
    }

    private int MergeByScan(int length)
    {
        var (ids, ranks) = (this.ids, this.ranks);
        for (var i = 0; i < length - 1; i++) ranks[i] = merges.Rank(ids[i], ids[i + 1], out _);
        while (length > 1)
        {
            var (best, at) = (MergeTable.NoRank, 0);
            for (var i = 0; i < length - 1; i++)
                if (ranks[i] < best) (best, at) = (ranks[i], i);
            if (best == MergeTable.NoRank) break;
            merges.Rank(ids[at], ids[at + 1], out ids[at]);
            length--;
            Array.Copy(ids, at + 2, ids, at + 1, length - at - 1);
            Array.Copy(ranks, at + 1, ranks, at, length - at - 1);
            if (at > 0) ranks[at - 1] = merges.Rank(ids[at - 1], ids[at], out _);
            if (at < length - 1) ranks[at] = merges.Rank(ids[at], ids[at + 1], out _);
        }

        return length;
    }
}
