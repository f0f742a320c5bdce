using Stemma.Layers;
using Stemma.Models.Llama;
using Stemma.Numerics.Ops;

namespace Stemma.Models.GptJ;

/// <summary>GPT-J. Weights carry the names of Hugging Face's <c>GPTJForCausalLM</c>.</summary>
/// <exception cref="ConfigurationException">The configuration contradicts itself.</exception>
public sealed class GptJModel(GptJConfig config, IWeights weights) : DecoderModel(Checked(config), Assemble(config, weights), weights)
{
    private static DecoderParts Assemble(GptJConfig config, IWeights weights)
    {
        var scope = weights["transformer"];
        var tokens = new Embedding(scope["wte"], config.VocabSize, config.HiddenSize, config.Normal);
        var parts = new SelfAttentionParts { Rotary = config.Rotary(RotaryPairing.Neighbours), WeightDropout = config.AttentionDropout, OutputDropout = config.Dropout };
        var blocks = BuildBlocks(config, scope["h"], (layer, block) => new ParallelBlock(
            new LayerNorm(block["ln_1"], config.HiddenSize, config.NormEpsilon),
            LlamaModel.Attention(config, block["attn"], parts, layer, inputBias: false, outputBias: false, "out_proj"), null,
            new Mlp(
                block["mlp"].Linear("fc_in", config.HiddenSize, config.FeedForwardSize, config.Normal), config.Activation.Function(),
                block["mlp"].Linear("fc_out", config.FeedForwardSize, config.HiddenSize, config.Residual), layer, config.Dropout), layer));
        var norm = new LayerNorm(scope["ln_f"], config.HiddenSize, config.NormEpsilon);
        return new(new(tokens) { Dropout = config.EmbeddingDropout }, blocks, norm, BuildHead(config, tokens, weights["lm_head"], hasBias: true), config.HiddenSize);
    }
}
