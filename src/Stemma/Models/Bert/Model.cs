using Stemma.Layers;
using Stemma.Numerics.Ops;

namespace Stemma.Models.Bert;

/// <summary>The blocks of BERT under its names, which RoBERTa and ELECTRA have kept.</summary>
internal static class BertBlocks
{
    public static Block[] Build(EncoderConfig config, IWeights scope) =>
        [.. Enumerable.Range(0, config.LayerCount).Select(layer => Block.Build(scope, () => Build(config, layer, scope["encoder"]["layer"][$"{layer}"])))];

    private static PostNormBlock Build(EncoderConfig config, int layer, IWeights weights)
    {
        var size = config.HiddenSize;
        var (self, output) = (weights["attention"]["self"], weights["attention"]["output"]);
        var attention = new SelfAttention(
            new SeparateProjections(self.Linear("query", size, size, config.Normal), self.Linear("key", size, size, config.Normal), self.Linear("value", size, size, config.Normal), size / config.HeadCount),
            output.Linear("dense", size, size, config.Normal), new() { Window = AttentionWindow.Full, WeightDropout = config.AttentionDropout, OutputDropout = config.Dropout }, layer);
        var attentionNorm = new LayerNorm(output["LayerNorm"], size, config.NormEpsilon);
        var mlp = new Mlp(
            weights["intermediate"].Linear("dense", size, config.IntermediateSize, config.Normal), config.Function,
            weights["output"].Linear("dense", config.IntermediateSize, size, config.Normal), layer, config.Dropout);
        var mlpNorm = new LayerNorm(weights["output"]["LayerNorm"], size, config.NormEpsilon);
        return new(attention, attentionNorm, mlp, mlpNorm, layer);
    }
}
