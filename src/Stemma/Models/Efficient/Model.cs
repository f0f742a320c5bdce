using Stemma.Layers;
using Stemma.Models.Llama;

namespace Stemma.Models.Efficient;

/// <summary>A decoder of RMSNorm, an attention of choice and SwiGLU. Weights carry Llama's names, where Llama has such weights.</summary>
/// <exception cref="ConfigurationException">The configuration contradicts itself.</exception>
public sealed class EfficientModel(EfficientConfig config, IWeights weights) : DecoderModel(Checked(config), Assemble(config, weights), weights)
{
    private static DecoderParts Assemble(EfficientConfig config, IWeights weights)
    {
        var scope = weights["model"];
        var tokens = new Embedding(scope["embed_tokens"], config.VocabSize, config.HiddenSize, config.Normal);
        var parts = new SelfAttentionParts { WeightDropout = config.AttentionDropout, OutputDropout = config.Dropout };
        var blocks = config.Residuals.Build(config, scope["layers"], (layer, block) => new(
            new RmsNorm(block["input_layernorm"], config.HiddenSize, config.NormEpsilon),
            config.Attention.Build(config, block["self_attn"], parts, layer),
            new RmsNorm(block["post_attention_layernorm"], config.HiddenSize, config.NormEpsilon),
            LlamaModel.GatedMlp(config, block["mlp"], config.Activation, layer)));
        var norm = new RmsNorm(scope["norm"], config.HiddenSize, config.NormEpsilon);
        return new(new(tokens) { Dropout = config.EmbeddingDropout }, blocks, norm, BuildHead(config, tokens, weights["lm_head"]), config.HeadCount * config.HeadChannels);
    }
}
