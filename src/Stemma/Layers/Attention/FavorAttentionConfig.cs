using Stemma.Numerics;

namespace Stemma.Layers;

/// <summary>Linear attention of random features whose products are, in the mean, those of the softmax. Choromanski et al. 2020 (Performer), arXiv:2009.14794.</summary>
public sealed record FavorAttentionConfig : AttentionConfig
{
    /// <summary>Random directions of a block.</summary>
    public int FeatureCount { get; init; } = 64;

    /// <summary>Draws them: part of the model, as its weights are.</summary>
    public int Seed { get; init; } = 1;

    /// <inheritdoc/>
    public override void Validate(string path) => Check.Positive(FeatureCount, $"{path}.feature_count");

    /// <inheritdoc/>
    public override Attention Build(IWeights scope, AttentionSizes sizes, SelfAttentionParts parts, int layer)
    {
        var features = new FavorFeatures(sizes.HeadSize, FeatureCount, new RandomStream((ulong)Seed).Fork((ulong)layer));
        return Projected(scope, sizes, parts with { Mechanism = new LinearAttention(features, isCausal: true) }, layer);
    }
}
