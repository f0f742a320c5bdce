namespace Stemma.Layers;

/// <summary>Sums of keys and values instead of scores: linear in the length. Katharopoulos et al. 2020, arXiv:2006.16236.</summary>
public sealed record LinearAttentionConfig : AttentionConfig
{
    /// <inheritdoc/>
    public override Attention Build(IWeights scope, AttentionSizes sizes, SelfAttentionParts parts, int layer) =>
        Projected(scope, sizes, parts with { Mechanism = new LinearAttention(new EluFeatures(sizes.HeadSize), isCausal: true) }, layer);
}
