using Stemma.Layers;
using Stemma.Numerics.Ops;

namespace Stemma.Models.Albert;

/// <summary>The blocks of ALBERT under its names; what their feed-forward layers give is never dropped.</summary>
internal static class AlbertBlock
{
    public static PostNormBlock Build(AlbertConfig config, int number, IWeights weights)
    {
        var (size, attention) = (config.HiddenSize, weights["attention"]);
        var self = new SelfAttention(
            new SeparateProjections(
                attention.Linear("query", size, size, config.Normal), attention.Linear("key", size, size, config.Normal), attention.Linear("value", size, size, config.Normal), size / config.HeadCount),
            attention.Linear("dense", size, size, config.Normal), new() { Window = AttentionWindow.Full, WeightDropout = config.AttentionDropout, OutputDropout = config.Dropout }, number);
        var attentionNorm = new LayerNorm(attention["LayerNorm"], size, config.NormEpsilon);
        var mlp = new Mlp(weights.Linear("ffn", size, config.IntermediateSize, config.Normal), config.Function, weights.Linear("ffn_output", config.IntermediateSize, size, config.Normal), number, 0);
        var mlpNorm = new LayerNorm(weights["full_layer_layer_norm"], size, config.NormEpsilon);
        return new(self, attentionNorm, mlp, mlpNorm, number);
    }
}
