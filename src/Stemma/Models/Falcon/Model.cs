using Stemma.Layers;
using Stemma.Numerics;

namespace Stemma.Models.Falcon;

/// <summary>Falcon, of 7B, of 40B and of the RefinedWeb kind. Weights carry the names of Hugging Face's <c>FalconForCausalLM</c>.</summary>
/// <exception cref="ConfigurationException">The configuration contradicts itself.</exception>
public sealed class FalconModel(FalconConfig config, IWeights weights) : DecoderModel(Checked(config), Assemble(config, weights), weights)
{
    private static DecoderParts Assemble(FalconConfig config, IWeights weights)
    {
        var scope = weights["transformer"];
        var tokens = new Embedding(scope["word_embeddings"], config.VocabSize, config.HiddenSize, config.Normal);
        var parts = new SelfAttentionParts
        {
            Rotary = config.Alibi ? null : config.Rotary(),
            Bias = config.Alibi ? new Alibi(Slopes(config)) : null,
            WeightDropout = config.AttentionDropout,
            OutputDropout = config.Dropout,
        };
        var (hidden, heads, keys, size) = (config.HiddenSize, config.HeadCount, config.KeyHeads, config.HeadChannels);
        var blocks = BuildBlocks(config, scope["h"], (layer, block) =>
        {
            var projection = block["self_attention"].Linear("query_key_value", hidden, (heads + 2 * keys) * size, config.Normal, config.Bias);
            // One key head lies alike in both.
            QueryKeyValue input = keys == 1 ? new JointProjection(projection, heads, 1, size) : new GroupedProjection(projection, heads, keys, size);
            var attention = new SelfAttention(input, block["self_attention"].Linear("dense", hidden, hidden, config.Residual, config.Bias), parts, layer);
            var feedForward = new Mlp(
                block["mlp"].Linear("dense_h_to_4h", hidden, config.FeedForwardSize, config.Normal, config.Bias), config.Activation.Function(),
                block["mlp"].Linear("dense_4h_to_h", config.FeedForwardSize, hidden, config.Residual, config.Bias), layer, config.Dropout);
            return (Block)(
                !config.Parallel ? new PreNormBlock(Norm(block, "input_layernorm"), attention, Norm(block, "post_attention_layernorm"), feedForward, layer)
                : config.TwoNorms ? new ParallelBlock(Norm(block, "ln_attn"), attention, Norm(block, "ln_mlp"), feedForward, layer)
                : new ParallelBlock(Norm(block, "input_layernorm"), attention, null, feedForward, layer));
        });
        return new(new(tokens) { Dropout = config.EmbeddingDropout }, blocks, Norm(scope, "ln_f"), BuildHead(config, tokens, weights["lm_head"]), hidden);

        LayerNorm Norm(IWeights block, string name) => new(block[name], hidden, config.NormEpsilon);
    }

    // The original rounds slopes to bfloat16, and divides the biased scores by √channels.
    private static double[] Slopes(FalconConfig config) => Array.ConvertAll(Alibi.PowersOfTwo(config.HeadCount), slope => (float)(BFloat16)(float)slope / Math.Sqrt(config.HeadChannels));
}
