using Stemma.Layers;
using Stemma.Numerics;

namespace Stemma.Models.Efficient;

/// <summary>Sums of keys and values instead of scores: linear in the length. Katharopoulos et al. 2020, arXiv:2006.16236.</summary>
public sealed record LinearAttentionKind : AttentionKind
{
    /// <inheritdoc/>
    internal override void Validate(string path, EfficientConfig config) => RequireNoWeightDropout(path, config);

    /// <inheritdoc/>
    internal override SelfAttention Build(EfficientConfig config, IWeights scope, SelfAttentionParts parts, int layer) =>
        Projected(config, scope, parts with { Mechanism = new LinearAttention(new EluFeatures(), isCausal: true) }, layer);
}

/// <summary>The same with random features whose products are, in the mean, those of the softmax. Choromanski et al. 2020 (Performer), arXiv:2009.14794.</summary>
public sealed record FavorAttentionKind : AttentionKind
{
    /// <summary>Random directions of a layer.</summary>
    public int FeatureCount { get; init; } = 64;

    /// <summary>Draws them: part of the model, as its weights are.</summary>
    public int Seed { get; init; } = 1;

    /// <inheritdoc/>
    internal override void Validate(string path, EfficientConfig config)
    {
        RequireNoWeightDropout(path, config);
        Check.Positive(FeatureCount, $"{path}.feature_count");
    }

    /// <inheritdoc/>
    internal override SelfAttention Build(EfficientConfig config, IWeights scope, SelfAttentionParts parts, int layer)
    {
        var features = new FavorFeatures(config.HeadChannels, FeatureCount, new RandomStream((ulong)Seed).Fork((ulong)layer));
        return Projected(config, scope, parts with { Mechanism = new LinearAttention(features, isCausal: true) }, layer);
    }
}
