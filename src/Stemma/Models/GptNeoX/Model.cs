using Stemma.Layers;

namespace Stemma.Models.GptNeoX;

/// <summary>GPT-NeoX and Pythia. Weights carry the names of Hugging Face's <c>GPTNeoXForCausalLM</c>.</summary>
/// <exception cref="ConfigurationException">The configuration contradicts itself.</exception>
public sealed class GptNeoXModel(GptNeoXConfig config, IWeights weights) : DecoderModel(Checked(config), Assemble(config, weights), weights)
{
    private static DecoderParts Assemble(GptNeoXConfig config, IWeights weights)
    {
        var scope = weights["gpt_neox"];
        var tokens = new Embedding(scope["embed_in"], config.VocabSize, config.HiddenSize, config.Normal);
        var parts = new SelfAttentionParts { Rotary = config.Rotary(), WeightDropout = config.AttentionDropout, OutputDropout = config.Dropout };
        var (hidden, heads) = (config.HiddenSize, config.HeadCount);
        var blocks = BuildBlocks(config, scope["layers"], (layer, block) =>
        {
            var attention = new SelfAttention(
                new GroupedProjection(block["attention"].Linear("query_key_value", hidden, 3 * hidden, config.Normal, config.AttentionBias), heads, heads, hidden / heads),
                block["attention"].Linear("dense", hidden, hidden, config.Residual, config.AttentionBias), parts, layer);
            var feedForward = new Mlp(
                block["mlp"].Linear("dense_h_to_4h", hidden, config.FeedForwardSize, config.Normal), config.Activation.Function(),
                block["mlp"].Linear("dense_4h_to_h", config.FeedForwardSize, hidden, config.Residual), layer, config.Dropout);
            var (before, after) = (Norm(block, "input_layernorm"), Norm(block, "post_attention_layernorm"));
            return (Block)(config.Parallel ? new ParallelBlock(before, attention, after, feedForward, layer) : new PreNormBlock(before, attention, after, feedForward, layer));
        });
        return new(new(tokens) { Dropout = config.EmbeddingDropout }, blocks, Norm(scope, "final_layer_norm"), BuildHead(config, tokens, weights["embed_out"]), hidden);

        LayerNorm Norm(IWeights block, string name) => new(block[name], config.HiddenSize, config.NormEpsilon);
    }
}
