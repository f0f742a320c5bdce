using Stemma.Layers;
using Stemma.Numerics.Ops;

namespace Stemma.Models.Llama;

/// <summary>
/// Llama 1–3 and Mistral: pre-norm blocks of RMSNorm, attention with rotary positions and grouped heads, and SwiGLU. Weights carry the
/// names of Hugging Face's <c>LlamaForCausalLM</c>.
/// </summary>
public sealed class LlamaModel : DecoderModel
{
    /// <summary>Builds a Llama.</summary>
    /// <exception cref="ConfigurationException">The configuration contradicts itself.</exception>
    public LlamaModel(LlamaConfig config, IWeights weights)
        : base(Checked(config), Assemble(config, config.Activation, AttentionWindow.Causal, config.AttentionBias, config.FeedForwardBias, weights), weights)
    {
    }

    /// <summary>Builds a Mistral.</summary>
    /// <exception cref="ConfigurationException">The configuration contradicts itself.</exception>
    public LlamaModel(MistralConfig config, IWeights weights)
        : base(Checked(config), Assemble(config, config.Activation, WindowOf(config.Window), false, false, weights), weights)
    {
    }

    /// <summary>The window of a number of positions, 0 for all.</summary>
    internal static AttentionWindow WindowOf(int size) => size > 0 ? AttentionWindow.Sliding(size) : AttentionWindow.Causal;

    /// <summary>Attention with a projection each, named as in Llama.</summary>
    internal static SelfAttention Attention(RotaryDecoderConfig config, IWeights scope, SelfAttentionParts parts, int layer, bool inputBias, bool outputBias, string output = "o_proj")
    {
        var (heads, keys, size) = (config.HeadCount, config.KeyHeads, config.HeadChannels);
        var input = new SeparateProjections(
            scope.Linear("q_proj", config.HiddenSize, heads * size, config.Normal, inputBias),
            scope.Linear("k_proj", config.HiddenSize, keys * size, config.Normal, inputBias),
            scope.Linear("v_proj", config.HiddenSize, keys * size, config.Normal, inputBias), size);
        return new(input, scope.Linear(output, heads * size, config.HiddenSize, config.Residual, outputBias), parts, layer);
    }

    /// <summary>A gated feed-forward layer, named as in Llama.</summary>
    internal static GatedMlp GatedMlp(DecoderConfig config, IWeights scope, ActivationKind activation, int layer, bool hasBias = false) =>
        GatedMlpConfig.Build(scope, "gate_proj", "up_proj", "down_proj", activation, new(config.HiddenSize, config.FeedForwardSize, config.Normal, config.Residual, hasBias, config.Dropout), layer);

    private static DecoderParts Assemble(WideHeadConfig config, ActivationKind activation, AttentionWindow window, bool attentionBias, bool feedForwardBias, IWeights weights)
    {
        var scope = weights["model"];
        var tokens = new Embedding(scope["embed_tokens"], config.VocabSize, config.HiddenSize, config.Normal);
        var parts = new SelfAttentionParts { Window = window, Rotary = config.Rotary(), WeightDropout = config.AttentionDropout, OutputDropout = config.Dropout };
        var blocks = BuildBlocks(config, scope["layers"], (layer, block) => new PreNormBlock(
            new RmsNorm(block["input_layernorm"], config.HiddenSize, config.NormEpsilon),
            Attention(config, block["self_attn"], parts, layer, attentionBias, attentionBias),
            new RmsNorm(block["post_attention_layernorm"], config.HiddenSize, config.NormEpsilon),
            GatedMlp(config, block["mlp"], activation, layer, feedForwardBias), layer));
        var norm = new RmsNorm(scope["norm"], config.HiddenSize, config.NormEpsilon);
        return new(new(tokens) { Dropout = config.EmbeddingDropout }, blocks, norm, BuildHead(config, tokens, weights["lm_head"]), config.HeadCount * config.HeadChannels);
    }
}
