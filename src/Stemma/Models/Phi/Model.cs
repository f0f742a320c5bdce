using Stemma.Layers;
using Stemma.Models.Llama;

namespace Stemma.Models.Phi;

/// <summary>Phi 1, 1.5 and 2. Weights carry the names of Hugging Face's <c>PhiForCausalLM</c>.</summary>
/// <exception cref="ConfigurationException">The configuration contradicts itself.</exception>
public sealed class PhiModel(PhiConfig config, IWeights weights) : DecoderModel(Checked(config), Assemble(config, weights), weights)
{
    private static DecoderParts Assemble(PhiConfig config, IWeights weights)
    {
        var scope = weights["model"];
        var tokens = new Embedding(scope["embed_tokens"], config.VocabSize, config.HiddenSize, config.Normal);
        var shared = new SelfAttentionParts { Rotary = config.Rotary(), WeightDropout = config.AttentionDropout, OutputDropout = config.Dropout };
        var blocks = BuildBlocks(config, scope["layers"], (layer, block) =>
        {
            var (attention, mlp) = (block["self_attn"], block["mlp"]);
            var parts = config.HeadNorms ? shared with { QueryNorm = HeadNorm(attention["q_layernorm"]), KeyNorm = HeadNorm(attention["k_layernorm"]) } : shared;
            return new ParallelBlock(
                new LayerNorm(block["input_layernorm"], config.HiddenSize, config.NormEpsilon),
                LlamaModel.Attention(config, attention, parts, layer, inputBias: true, outputBias: true, "dense"), null,
                new Mlp(
                    mlp.Linear("fc1", config.HiddenSize, config.FeedForwardSize, config.Normal), config.Activation.Function(),
                    mlp.Linear("fc2", config.FeedForwardSize, config.HiddenSize, config.Residual), layer, config.Dropout), layer);
        });
        var norm = new LayerNorm(scope["final_layernorm"], config.HiddenSize, config.NormEpsilon);
        return new(new(tokens) { Dropout = config.EmbeddingDropout }, blocks, norm, BuildHead(config, tokens, weights["lm_head"], hasBias: true), config.HiddenSize);

        LayerNorm HeadNorm(IWeights norm) => new(norm, config.HeadChannels, config.NormEpsilon);
    }
}

/// <summary>Phi 3. Weights carry the names of Hugging Face's <c>Phi3ForCausalLM</c>.</summary>
/// <exception cref="ConfigurationException">The configuration contradicts itself.</exception>
public sealed class Phi3Model(Phi3Config config, IWeights weights) : DecoderModel(Checked(config), Assemble(config, weights), weights)
{
    private static DecoderParts Assemble(Phi3Config config, IWeights weights)
    {
        var scope = weights["model"];
        var tokens = new Embedding(scope["embed_tokens"], config.VocabSize, config.HiddenSize, config.Normal);
        var parts = new SelfAttentionParts { Window = LlamaModel.WindowOf(config.Window), Rotary = config.Rotary(), WeightDropout = config.AttentionDropout, OutputDropout = config.Dropout };
        var (heads, keys, size) = (config.HeadCount, config.KeyHeads, config.HeadChannels);
        var blocks = BuildBlocks(config, scope["layers"], (layer, block) =>
        {
            var (attention, mlp) = (block["self_attn"], block["mlp"]);
            return new PreNormBlock(
                new RmsNorm(block["input_layernorm"], config.HiddenSize, config.NormEpsilon),
                new SelfAttention(
                    new JointProjection(attention.Linear("qkv_proj", config.HiddenSize, (heads + 2 * keys) * size, config.Normal, hasBias: false), heads, keys, size),
                    attention.Linear("o_proj", heads * size, config.HiddenSize, config.Residual, hasBias: false), parts, layer),
                new RmsNorm(block["post_attention_layernorm"], config.HiddenSize, config.NormEpsilon),
                new JointGatedMlp(
                    mlp.Linear("gate_up_proj", config.HiddenSize, 2 * config.FeedForwardSize, config.Normal, hasBias: false), config.Activation.Function(),
                    mlp.Linear("down_proj", config.FeedForwardSize, config.HiddenSize, config.Residual, hasBias: false), layer, config.Dropout), layer);
        });
        var norm = new RmsNorm(scope["norm"], config.HiddenSize, config.NormEpsilon);
        return new(new(tokens) { Dropout = config.EmbeddingDropout }, blocks, norm, BuildHead(config, tokens, weights["lm_head"]), config.HiddenSize);
    }
}
