namespace Stemma.Numerics.Ops;

/// <summary>Which keys a query at position p sees: those at p − <paramref name="Left"/> … p + <paramref name="Right"/>.</summary>
/// <param name="Left">Keys before the query; <see cref="int.MaxValue"/> for all.</param>
/// <param name="Right">Keys after the query; <see cref="int.MaxValue"/> for all.</param>
public readonly record struct AttentionWindow(int Left, int Right)
{
    /// <summary>Everything up to the query itself: language modelling from left to right.</summary>
    public static AttentionWindow Causal => new(int.MaxValue, 0);

    /// <summary>Everything: encoders and cross-attention.</summary>
    public static AttentionWindow Full => new(int.MaxValue, int.MaxValue);

    /// <summary>The query itself and the <paramref name="size"/> − 1 positions before it.</summary>
    public static AttentionWindow Sliding(int size) => new(size - 1, 0);

    /// <summary>Whether the query at one position sees the key at another.</summary>
    public bool Sees(int query, int key) => key >= (long)query - Left && key <= (long)query + Right;

    /// <summary>How many keys the queries of one sequence see, all together.</summary>
    /// <param name="length">Positions of the sequence.</param>
    /// <param name="blocks">Which blocks of those keys count; null for all.</param>
    public long PairCount(int length, BlockPattern? blocks = null)
    {
        var (layout, pairs) = (blocks?.Layout(length), 0L);
        for (var query = 0; query < length; query++)
        {
            var (first, end) = (Math.Max(0, (long)query - Left), Math.Min(length, (long)query + Right + 1));
            if (layout is null) pairs += end - first;
            else foreach (var block in layout.KeyBlocks(query)) pairs += Math.Max(0, Math.Min(end, (long)(block + 1) * layout.BlockSize) - Math.Max(first, (long)block * layout.BlockSize));
        }
        return pairs;
    }
}
