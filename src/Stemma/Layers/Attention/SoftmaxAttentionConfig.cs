using System.Text.Json.Serialization;

namespace Stemma.Layers;

/// <summary>A softmax over the scores of all keys that the pattern shows. Vaswani et al. 2017, arXiv:1706.03762, section 3.2.</summary>
public sealed record SoftmaxAttentionConfig : AttentionConfig
{
    /// <inheritdoc/>
    [JsonIgnore]
    public override bool HasScores => true;

    /// <inheritdoc/>
    public override Attention Build(IWeights scope, AttentionSizes sizes, SelfAttentionParts parts, int layer) => Projected(scope, sizes, parts, layer);
}
