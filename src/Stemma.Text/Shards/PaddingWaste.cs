namespace Stemma.Text.Shards;

/// <summary>
/// The share of positions that hold no token, when documents become rectangles of batch size × length. Documents longer than the
/// context are cut into pieces of it first.
/// </summary>
/// <param name="RandomBatches">Batches in random order, each padded to its longest row; 0 to 1.</param>
/// <param name="BucketedBatches">Rows sorted by length, so that like lie beside like, each batch padded to its longest row.</param>
/// <param name="Packed">All documents end to end, cut into rows of the context, as a shard holds them: only the last row has a rest.</param>
public readonly record struct PaddingWaste(double RandomBatches, double BucketedBatches, double Packed)
{
    /// <summary>The waste of given documents.</summary>
    /// <param name="lengths">Tokens of each document, ≥ 0; empty ones count for nothing.</param>
    /// <param name="contextLength">Tokens a row can hold, ≥ 1.</param>
    /// <param name="batchSize">Rows per batch, ≥ 1.</param>
    /// <param name="seed">Shuffles the rows.</param>
    public static PaddingWaste Of(IEnumerable<long> lengths, int contextLength, int batchSize, ulong seed = 0)
    {
        ArgumentNullException.ThrowIfNull(lengths);
        ArgumentOutOfRangeException.ThrowIfLessThan(contextLength, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(batchSize, 1);
        List<int> rows = [];
        foreach (var length in lengths)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(length, nameof(lengths));
            for (var rest = length; rest > 0; rest -= contextLength) rows.Add((int)Math.Min(rest, contextLength));
        }

        if (rows.Count == 0) return default;
        Shuffle(rows, seed);
        var random = Padded(rows, batchSize);
        rows.Sort();
        var total = rows.Sum(row => (long)row);
        return new(random, Padded(rows, batchSize), 1 - total / ((total + contextLength - 1) / contextLength * (double)contextLength));
    }

    private static double Padded(List<int> rows, int batchSize)
    {
        var (tokens, positions) = (0L, 0L);
        foreach (var batch in rows.Chunk(batchSize))
        {
            tokens += batch.Sum(row => (long)row);
            positions += (long)batch.Max() * batch.Length;
        }

        return 1 - (double)tokens / positions;
    }

    // Fisher and Yates, drawn by counters.
    private static void Shuffle(List<int> rows, ulong seed)
    {
        for (var i = rows.Count - 1; i > 0; i--)
        {
            var j = (int)Philox.Below(i + 1, seed, (ulong)i, 0);
            (rows[i], rows[j]) = (rows[j], rows[i]);
        }
    }
}
