using Stemma.Layers;

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
        var positions = config.Positions.Build(scope["positions"], new(hidden, config.HeadCount, headSize, config.ContextLength, config.Normal));
        var parts = new SelfAttentionParts { Rotary = positions.Rotary, Bias = positions.Bias, WeightDropout = config.AttentionDropout, OutputDropout = config.Dropout };
        // Only a sum that nothing normalises grows with the depth.
        var outer = config.Block is BlockKind.PreNorm or BlockKind.Parallel ? config.Residual : config.Normal;
        var sizes = new FeedForwardSizes(hidden, config.FeedForwardSize, config.Normal, outer, config.Bias, config.Dropout);
        var blocks = BuildBlocks(config, scope["layers"], (layer, block) =>
        {
            var attention = new SelfAttention(Projections(block["self_attn"]), block["self_attn"].Linear("o_proj", hidden, hidden, outer, config.Bias), config.Pattern.For(parts, layer), layer);
            return config.Block.Build(attention, config.FeedForward.Build(block, sizes, layer), name => Norm(block[name]), layer);
        });
        var input = new DecoderInput(tokens) { Scale = config.ScalesEmbeddings ? Math.Sqrt(hidden) : 1, Positions = positions.Embedding, Dropout = config.EmbeddingDropout };
        return new(input, blocks, config.Block == BlockKind.PostNorm ? null : Norm(scope["norm"]), BuildHead(config, tokens, weights["lm_head"]), hidden)
        {
            IdleWeightCount = config.LayerCount * config.FeedForward.IdleWeightCount(sizes),
            RouterLosses = config.FeedForward.RouterLosses,
        };

        Norm Norm(IWeights place) => config.Norm.Build(place, hidden, config.NormEpsilon);

        SeparateProjections Projections(IWeights place) => new(
            place.Linear("q_proj", hidden, hidden, config.Normal, config.Bias),
            place.Linear("k_proj", hidden, config.KeyHeads * headSize, config.Normal, config.Bias),
            place.Linear("v_proj", hidden, config.KeyHeads * headSize, config.Normal, config.Bias), headSize);
    }
}
