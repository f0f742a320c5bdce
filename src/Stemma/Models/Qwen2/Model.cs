using Stemma.Layers;
using Stemma.Models.Llama;

namespace Stemma.Models.Qwen2;

/// <summary>Qwen 2: Llama's blocks with biases on queries, keys and values. Weights carry the names of Hugging Face's <c>Qwen2ForCausalLM</c>.</summary>
/// <exception cref="ConfigurationException">The configuration contradicts itself.</exception>
public sealed class Qwen2Model(Qwen2Config config, IWeights weights) : DecoderModel(Checked(config), Assemble(config, weights), weights)
{
    private static DecoderParts Assemble(Qwen2Config config, IWeights weights)
    {
        var scope = weights["model"];
        var tokens = new Embedding(scope["embed_tokens"], config.VocabSize, config.HiddenSize, config.Normal);
        var parts = new SelfAttentionParts { Window = LlamaModel.WindowOf(config.Window), Rotary = config.Rotary(), WeightDropout = config.AttentionDropout, OutputDropout = config.Dropout };
        var blocks = BuildBlocks(config, scope["layers"], (layer, block) => new PreNormBlock(
            new RmsNorm(block["input_layernorm"], config.HiddenSize, config.NormEpsilon),
            LlamaModel.Attention(config, block["self_attn"], parts, layer, inputBias: true, outputBias: false),
            new RmsNorm(block["post_attention_layernorm"], config.HiddenSize, config.NormEpsilon),
            LlamaModel.GatedMlp(config, block["mlp"], config.Activation, layer), layer));
        var norm = new RmsNorm(scope["norm"], config.HiddenSize, config.NormEpsilon);
        return new(new(tokens) { Dropout = config.EmbeddingDropout }, blocks, norm, BuildHead(config, tokens, weights["lm_head"]), config.HiddenSize);
    }
}
