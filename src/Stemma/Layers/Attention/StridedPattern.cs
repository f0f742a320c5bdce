namespace Stemma.Layers;

/// <summary>
/// The last few blocks, and of all others every so manieth: two steps reach every place. Child et al. 2019, arXiv:1904.10509, section 4.2,
/// both parts in one head (their section 4.3), by blocks as in their section 5.3.
/// </summary>
public sealed record StridedPattern : BlockSparsePattern
{
    /// <summary>Blocks from one that is seen to the next, and blocks nearby that are all seen (l); 1 sees everything.</summary>
    public int Stride { get; init; } = 4;

    /// <inheritdoc/>
    public override void Validate(string path)
    {
        base.Validate(path);
        Check.Positive(Stride, $"{path}.stride");
    }

    /// <inheritdoc/>
    protected override IEnumerable<int> KeyBlocks(int query, int count)
    {
        for (var block = query % Stride; block < count; block += Stride) yield return block;
        foreach (var block in Range(query - Stride + 1, query + Stride - 1, count)) yield return block;
    }
}
