using Stemma.Layers;
using Stemma.Numerics.Ops;

namespace Stemma.Models.Bloom;

/// <summary>BLOOM. Weights carry the names of Hugging Face's <c>BloomForCausalLM</c>.</summary>
/// <exception cref="ConfigurationException">The configuration contradicts itself.</exception>
public sealed class BloomModel(BloomConfig config, IWeights weights) : DecoderModel(Checked(config), Assemble(config, weights), weights)
{
    private static DecoderParts Assemble(BloomConfig config, IWeights weights)
    {
        var scope = weights["transformer"];
        var (hidden, heads) = (config.HiddenSize, config.HeadCount);
        var tokens = new Embedding(scope["word_embeddings"], config.VocabSize, hidden, config.Normal);
        var embeddingNorm = Norm(scope, "word_embeddings_layernorm");
        var parts = new SelfAttentionParts { Bias = new Alibi(Alibi.PowersOfTwo(heads)), WeightDropout = config.AttentionDropout, OutputDropout = config.Dropout };
        var blocks = BuildBlocks(config, scope["h"], (layer, block) =>
        {
            var attention = new SelfAttention(
                new GroupedProjection(block["self_attention"].Linear("query_key_value", hidden, 3 * hidden, config.Normal), heads, heads, hidden / heads),
                block["self_attention"].Linear("dense", hidden, hidden, config.Residual), parts, layer);
            var feedForward = new Mlp(
                block["mlp"].Linear("dense_h_to_4h", hidden, 4 * hidden, config.Normal), Activation.GeluTanh,
                block["mlp"].Linear("dense_4h_to_h", 4 * hidden, hidden, config.Residual), layer, config.Dropout);
            var (first, second) = (Norm(block, "input_layernorm"), Norm(block, "post_attention_layernorm"));
            return (Block)(config.NormResidual ? new NormResidualBlock(first, attention, second, feedForward, layer) : new PreNormBlock(first, attention, second, feedForward, layer));
        });
        return new(new(tokens) { Norm = embeddingNorm, Dropout = config.EmbeddingDropout }, blocks, Norm(scope, "ln_f"), BuildHead(config, tokens, weights["lm_head"]), hidden);

        LayerNorm Norm(IWeights block, string name) => new(block[name], hidden, config.NormEpsilon);
    }
}
