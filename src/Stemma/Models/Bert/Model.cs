using Stemma.Layers;

namespace Stemma.Models.Bert;

/// <summary>The blocks of BERT under its names, which RoBERTa and ELECTRA have kept.</summary>
internal static class BertBlocks
{
    public static PostNormBlock[] Build(EncoderConfig config, IWeights scope) => [.. Enumerable.Range(0, config.LayerCount).Select(layer => Block(config, layer, scope["encoder"]["layer"][$"{layer}"]))];

    private static PostNormBlock Block(EncoderConfig config, int layer, IWeights weights)
    {
        var (first, size) = (weights.All.Count, config.HiddenSize);
        var (self, output) = (weights["attention"]["self"], weights["attention"]["output"]);
        var attention = new ProjectedAttention(
            self.Linear("query", size, size, config.Normal), self.Linear("key", size, size, config.Normal), self.Linear("value", size, size, config.Normal),
            output.Linear("dense", size, size, config.Normal), config.HeadCount, layer)
        { Dropout = config.Dropout, WeightDropout = config.AttentionDropout };
        var attentionNorm = new LayerNorm(output["LayerNorm"], size, config.NormEpsilon);
        var mlp = new Mlp(
            weights["intermediate"].Linear("dense", size, config.IntermediateSize, config.Normal), config.Function,
            weights["output"].Linear("dense", config.IntermediateSize, size, config.Normal), layer, config.Dropout);
        var mlpNorm = new LayerNorm(weights["output"]["LayerNorm"], size, config.NormEpsilon);
        return new(layer, [.. weights.All.Skip(first)]) { Attention = attention, AttentionNorm = attentionNorm, FeedForward = mlp, FeedForwardNorm = mlpNorm };
    }
}
