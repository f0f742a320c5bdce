namespace Stemma.Layers;

/// <summary>The blocks nearby, and the first ones, which see everything and are seen by everything. Beltagy et al. 2020 (Longformer), arXiv:2004.05150, section 3.1.</summary>
public sealed record LocalGlobalPattern : BlockSparsePattern
{
    /// <summary>Blocks to either side that are seen.</summary>
    public int LocalCount { get; init; } = 2;

    /// <summary>First blocks of the sequence that see, and are seen by, all.</summary>
    public int GlobalCount { get; init; } = 1;

    /// <inheritdoc/>
    public override void Validate(string path)
    {
        base.Validate(path);
        Check.NotNegative(LocalCount, $"{path}.local_count");
        Check.NotNegative(GlobalCount, $"{path}.global_count");
    }

    /// <inheritdoc/>
    protected override IEnumerable<int> KeyBlocks(int query, int count) =>
        query < GlobalCount ? Range(0, count, count) : Range(0, GlobalCount - 1, count).Concat(Range(query - LocalCount, query + LocalCount, count));
}
