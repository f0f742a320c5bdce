using Stemma.Layers;
using Stemma.Models.Llama;

namespace Stemma.Models.StableLm;

/// <summary>StableLM. Weights carry the names of Hugging Face's <c>StableLmForCausalLM</c>.</summary>
/// <exception cref="ConfigurationException">The configuration contradicts itself.</exception>
public sealed class StableLmModel(StableLmConfig config, IWeights weights) : DecoderModel(Checked(config), Assemble(config, weights), weights)
{
    private static DecoderParts Assemble(StableLmConfig config, IWeights weights)
    {
        var scope = weights["model"];
        var tokens = new Embedding(scope["embed_tokens"], config.VocabSize, config.HiddenSize, config.Normal);
        var shared = new SelfAttentionParts { Rotary = config.Rotary(), WeightDropout = config.AttentionDropout };
        var blocks = BuildBlocks(config, scope["layers"], (layer, block) =>
        {
            var parts = config.HeadNorms
                ? shared with { QueryNorm = Norms(block["self_attn"]["q_layernorm"], config.HeadCount), KeyNorm = Norms(block["self_attn"]["k_layernorm"], config.KeyHeads) }
                : shared;
            var attention = LlamaModel.Attention(config, block["self_attn"], parts, layer, config.AttentionBias, outputBias: false);
            var feedForward = LlamaModel.GatedMlp(config, block["mlp"], config.Activation, layer);
            var norm = Norm(block, "input_layernorm");
            return (Block)(config.Parallel
                ? new ParallelBlock(norm, attention, null, feedForward, layer)
                : new PreNormBlock(norm, attention, Norm(block, "post_attention_layernorm"), feedForward, layer));
        });
        return new(new(tokens) { Dropout = config.EmbeddingDropout }, blocks, Norm(scope, "norm"), BuildHead(config, tokens, weights["lm_head"]), config.HiddenSize);

        LayerNorm Norm(IWeights block, string name) => new(block[name], config.HiddenSize, config.NormEpsilon);

        HeadNorms Norms(IWeights norms, int heads) => new([.. Enumerable.Range(0, heads).Select(head => new BiaslessLayerNorm(norms["norms"][$"{head}"], config.HeadChannels, config.NormEpsilon))]);
    }
}
