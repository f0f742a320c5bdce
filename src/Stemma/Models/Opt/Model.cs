using Stemma.Layers;

namespace Stemma.Models.Opt;

/// <summary>OPT. Weights carry the names of Hugging Face's <c>OPTForCausalLM</c>.</summary>
/// <exception cref="ConfigurationException">The configuration contradicts itself.</exception>
public sealed class OptModel(OptConfig config, IWeights weights) : DecoderModel(Checked(config), Assemble(config, weights), weights)
{
    // The first vectors of positions belong to padding.
    private const int PositionOffset = 2;

    private static DecoderParts Assemble(OptConfig config, IWeights weights)
    {
        var scope = weights["model"]["decoder"];
        var hidden = config.HiddenSize;
        var tokens = new Embedding(scope["embed_tokens"], config.VocabSize, config.TokenChannels, config.Normal);
        var positions = new LearnedPositions(scope["embed_positions"], config.ContextLength, hidden, PositionOffset, config.Normal);
        var projected = config.TokenChannels != hidden;
        var projectOut = projected ? scope.Linear("project_out", hidden, config.TokenChannels, config.Normal, hasBias: false) : null;
        var projectIn = projected ? scope.Linear("project_in", config.TokenChannels, hidden, config.Normal, hasBias: false) : null;
        var norm = config.PreNorm && config.FinalNorm ? Norm(scope, "final_layer_norm") : null;
        var parts = new SelfAttentionParts { WeightDropout = config.AttentionDropout, OutputDropout = config.Dropout };
        var blocks = BuildBlocks(config, scope["layers"], (layer, block) =>
        {
            var attention = new SelfAttention(
                new SeparateProjections(Linear(block["self_attn"], "q_proj"), Linear(block["self_attn"], "k_proj"), Linear(block["self_attn"], "v_proj"), hidden / config.HeadCount),
                block["self_attn"].Linear("out_proj", hidden, hidden, config.Residual, config.Bias), parts, layer);
            var feedForward = new Mlp(
                block.Linear("fc1", hidden, config.FeedForwardSize, config.Normal, config.Bias), config.Activation.Function(),
                block.Linear("fc2", config.FeedForwardSize, hidden, config.Residual, config.Bias), layer, config.Dropout);
            var (first, second) = (Norm(block, "self_attn_layer_norm"), Norm(block, "final_layer_norm"));
            return (Block)(config.PreNorm ? new PreNormBlock(first, attention, second, feedForward, layer) : new PostNormBlock(attention, first, feedForward, second, layer));
        });
        OutputHead head = new LinearHead(config.TiesEmbeddings ? tokens.Weight : weights["lm_head"].Tensor("weight", [config.VocabSize, config.TokenChannels], config.Normal));
        return new(
            new(tokens) { Positions = positions, Projection = projectIn, Dropout = config.EmbeddingDropout }, blocks, norm,
            projectOut is null ? head : new ProjectedHead(projectOut, head), hidden);

        Linear Linear(IWeights block, string name) => block.Linear(name, hidden, hidden, config.Normal, config.Bias);

        Norm Norm(IWeights block, string name) => config.NormWeights ? new LayerNorm(block[name], hidden, config.NormEpsilon) : new UnweightedLayerNorm(config.NormEpsilon);
    }
}
