using Stemma.Layers;

namespace Stemma.Models.Albert;

/// <summary>The blocks of ALBERT under its names; what their feed-forward layers give is never dropped.</summary>
internal static class AlbertBlock
{
    public static PostNormBlock Build(AlbertConfig config, int number, IWeights weights)
    {
        var (first, size, attention) = (weights.All.Count, config.HiddenSize, weights["attention"]);
        var self = new ProjectedAttention(
            attention.Linear("query", size, size, config.Normal), attention.Linear("key", size, size, config.Normal), attention.Linear("value", size, size, config.Normal),
            attention.Linear("dense", size, size, config.Normal), config.HeadCount, number)
        { Dropout = config.Dropout, WeightDropout = config.AttentionDropout };
        var attentionNorm = new LayerNorm(attention["LayerNorm"], size, config.NormEpsilon);
        var mlp = new Mlp(weights.Linear("ffn", size, config.IntermediateSize, config.Normal), config.Function, weights.Linear("ffn_output", config.IntermediateSize, size, config.Normal), number, 0);
        var mlpNorm = new LayerNorm(weights["full_layer_layer_norm"], size, config.NormEpsilon);
        return new(number, [.. weights.All.Skip(first)]) { Attention = self, AttentionNorm = attentionNorm, FeedForward = mlp, FeedForwardNorm = mlpNorm };
    }
}
