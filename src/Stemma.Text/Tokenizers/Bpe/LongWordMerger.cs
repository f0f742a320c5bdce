namespace Stemma.Text.Tokenizers.Bpe;

/// <summary>
/// Merges a long word in O(n log n): the parts are a linked list, the pairs that can merge wait in a heap by (rank, position),
/// and an entry whose parts have changed since is dropped when it comes up.
/// </summary>
internal sealed class LongWordMerger(MergeTable merges)
{
    private readonly PriorityQueue<int, long> queue = new();
    private int[] previous = [];
    private int[] next = [];
    private int[] ranks = [];

    /// <summary>Merges in place; the new length.</summary>
    /// <param name="ids">The parts.</param>
    /// <param name="lengths">A length for each part, added up where parts merge; empty when nobody asks.</param>
    public int Merge(Span<int> ids, Span<int> lengths = default)
    {
        var length = ids.Length;
        if (next.Length < length) (previous, next, ranks) = (new int[length], new int[length], new int[length]);
        queue.Clear();
        for (var i = 0; i < length; i++) (previous[i], next[i]) = (i - 1, i + 1 < length ? i + 1 : -1);
        for (var i = 0; i < length; i++) Offer(ids, i);
        while (queue.TryDequeue(out var at, out var priority))
        {
            if (ranks[at] != (int)(priority >> 32)) continue;
            var gone = next[at];
            merges.Rank(ids[at], ids[gone], out ids[at]);
            if (!lengths.IsEmpty) lengths[at] += lengths[gone];
            ranks[gone] = MergeTable.NoRank;
            next[at] = next[gone];
            if (next[at] >= 0) previous[next[at]] = at;
            Offer(ids, at);
            if (previous[at] >= 0) Offer(ids, previous[at]);
        }

        if (length == 0) return 0;
        var count = 0;
        for (var i = 0; i >= 0; i = next[i])
        {
            if (!lengths.IsEmpty) lengths[count] = lengths[i];
            ids[count++] = ids[i];
        }

        return count;
    }

    private void Offer(Span<int> ids, int at)
    {
        ranks[at] = next[at] < 0 ? MergeTable.NoRank : merges.Rank(ids[at], ids[next[at]], out _);
        if (ranks[at] != MergeTable.NoRank) queue.Enqueue(at, ((long)ranks[at] << 32) | (uint)at);
    }
}
