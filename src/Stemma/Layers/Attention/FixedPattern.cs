namespace Stemma.Layers;

/// <summary>
/// The blocks of the same stretch, and the last ones of every stretch, which sum it up for all others. Child et al. 2019, arXiv:1904.10509,
/// section 4.2, both parts in one head (their section 4.3), by blocks as in their section 5.3.
/// </summary>
public sealed record FixedPattern : BlockSparsePattern
{
    /// <summary>Blocks of a stretch (l).</summary>
    public int Stride { get; init; } = 4;

    /// <summary>Blocks at the end of a stretch that all see (c).</summary>
    public int SummaryCount { get; init; } = 1;

    /// <inheritdoc/>
    public override void Validate(string path)
    {
        base.Validate(path);
        Check.Positive(Stride, $"{path}.stride");
        Check.Positive(SummaryCount, $"{path}.summary_count");
        if (SummaryCount > Stride) throw new ConfigurationException($"{path}.summary_count is {SummaryCount}; a stretch has {path}.stride {Stride} blocks.");
    }

    /// <inheritdoc/>
    protected override IEnumerable<int> KeyBlocks(int query, int count)
    {
        var stretch = query / Stride * Stride;
        foreach (var block in Range(stretch, stretch + Stride - 1, count)) yield return block;
        for (var first = Stride - SummaryCount; first < count; first += Stride)
            foreach (var block in Range(first, first + SummaryCount - 1, count)) yield return block;
    }
}
