using Stemma.Layers;
using Stemma.Numerics;

namespace Stemma.Models.Composed;

/// <summary>A decoder of chosen parts. Weights carry the names that Llama and Mixtral have for the same parts.</summary>
/// <exception cref="ConfigurationException">The configuration contradicts itself.</exception>
public sealed class ComposedModel(ComposedConfig config, IWeights weights) : DecoderModel(Checked(config), Assemble(config, weights), weights)
{
    private static DecoderParts Assemble(ComposedConfig config, IWeights weights)
    {
        var (hidden, headSize) = (config.HiddenSize, config.HiddenSize / config.HeadCount);
        var scope = weights["model"];
        // Multiplied where they are read, and as they are where they project.
        var tokens = new Embedding(scope["embed_tokens"], config.VocabSize, hidden, config.ScalesEmbeddings ? new Initializer.Normal(1 / Math.Sqrt(hidden)) : config.Normal);
        var before = weights.All.Count;
        var positions = config.Positions.Build(scope["positions"], new(hidden, config.HeadCount, config.Attention.RotarySizeOf(headSize), config.ContextLength, config.Normal));
        // What attention adds by distance is read in every block.
        Tensor[] shared = positions.Bias is null ? [] : [.. weights.All.Skip(before).Select(weight => weight.Value)];
        var parts = new SelfAttentionParts { Rotary = positions.Rotary, Bias = positions.Bias, WeightDropout = config.AttentionDropout, OutputDropout = config.Dropout };
        // Only a sum that nothing normalises grows with the depth.
        var outer = config.Block is BlockKind.PreNorm or BlockKind.Parallel or BlockKind.Reversible ? config.Residual : config.Normal;
        var sizes = new FeedForwardSizes(hidden, config.FeedForwardSize, config.Normal, outer, config.Bias, config.Dropout);
        var heads = new AttentionSizes(hidden, config.HeadCount, config.KeyHeads, headSize, config.Normal, outer, config.Bias, config.NormEpsilon);
        var layers = scope["layers"];
        Block[] blocks = config.Block == BlockKind.Reversible
            ? [Block.Build(weights, () => new ReversibleStack([.. Layers().Select(layer => BlockKinds.Reversible(Attention(layer), FeedForward(layer), name => Norm(layers[$"{layer}"][name])))]), shared)]
            : [.. Layers().Select(layer => Block.Build(weights, () => config.Block.Build(Attention(layer), FeedForward(layer), name => Norm(layers[$"{layer}"][name]), layer), shared))];
        var input = new DecoderInput(tokens) { Scale = config.ScalesEmbeddings ? Math.Sqrt(hidden) : 1, Positions = positions.Embedding, Dropout = config.EmbeddingDropout };
        return new(input, blocks, config.Block == BlockKind.PostNorm ? null : Norm(scope["norm"]), BuildHead(config, tokens, weights["lm_head"]), hidden)
        {
            IdleWeightCount = config.LayerCount * config.FeedForward.IdleWeightCount(sizes),
            RouterLosses = config.FeedForward.RouterLosses,
        };

        Norm Norm(IWeights place) => config.Norm.Build(place, hidden, config.NormEpsilon);

        Attention Attention(int layer) => config.Attention.Build(layers[$"{layer}"]["self_attn"], heads, config.Pattern.For(parts, layer), layer);

        FeedForward FeedForward(int layer) => config.FeedForward.Build(layers[$"{layer}"], sizes, layer);

        IEnumerable<int> Layers() => Enumerable.Range(0, config.LayerCount);
    }
}
