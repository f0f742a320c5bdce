using Stemma.Layers;
using Stemma.Numerics.Ops;

namespace Stemma.Models.DistilBert;

/// <summary>The blocks of DistilBERT under its names.</summary>
internal static class DistilBertBlock
{
    public static PostNormBlock Build(DistilBertConfig config, int layer, IWeights weights)
    {
        var (size, attention) = (config.HiddenSize, weights["attention"]);
        var self = new SelfAttention(
            new SeparateProjections(
                attention.Linear("q_lin", size, size, config.Normal), attention.Linear("k_lin", size, size, config.Normal), attention.Linear("v_lin", size, size, config.Normal), size / config.HeadCount),
            attention.Linear("out_lin", size, size, config.Normal), new() { Window = AttentionWindow.Full, WeightDropout = config.AttentionDropout }, layer);
        var attentionNorm = new LayerNorm(weights["sa_layer_norm"], size, config.NormEpsilon);
        var mlp = new Mlp(weights["ffn"].Linear("lin1", size, config.IntermediateSize, config.Normal), config.Function, weights["ffn"].Linear("lin2", config.IntermediateSize, size, config.Normal), layer, config.Dropout);
        var mlpNorm = new LayerNorm(weights["output_layer_norm"], size, config.NormEpsilon);
        return new(self, attentionNorm, mlp, mlpNorm, layer);
    }
}
