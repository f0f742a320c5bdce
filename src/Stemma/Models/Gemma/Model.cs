using Stemma.Layers;
using Stemma.Models.Llama;

namespace Stemma.Models.Gemma;

/// <summary>Gemma. Weights carry the names of Hugging Face's <c>GemmaForCausalLM</c>.</summary>
/// <exception cref="ConfigurationException">The configuration contradicts itself.</exception>
public sealed class GemmaModel(GemmaConfig config, IWeights weights) : DecoderModel(Checked(config), Assemble(config, weights), weights)
{
    private static DecoderParts Assemble(GemmaConfig config, IWeights weights)
    {
        var scope = weights["model"];
        var tokens = new Embedding(scope["embed_tokens"], config.VocabSize, config.HiddenSize, config.Normal);
        var parts = new SelfAttentionParts { Rotary = config.Rotary(), WeightDropout = config.AttentionDropout, OutputDropout = config.Dropout };
        var blocks = BuildBlocks(config, scope["layers"], (layer, block) => new PreNormBlock(
            new OffsetRmsNorm(block["input_layernorm"], config.HiddenSize, config.NormEpsilon),
            LlamaModel.Attention(config, block["self_attn"], parts, layer, config.AttentionBias, config.AttentionBias),
            new OffsetRmsNorm(block["post_attention_layernorm"], config.HiddenSize, config.NormEpsilon),
            LlamaModel.GatedMlp(config, block["mlp"], config.Activation, layer), layer));
        var norm = new OffsetRmsNorm(scope["norm"], config.HiddenSize, config.NormEpsilon);
        return new(
            new(tokens) { Scale = Math.Sqrt(config.HiddenSize), Dropout = config.EmbeddingDropout }, blocks, norm,
            BuildHead(config, tokens, weights["lm_head"]), config.HeadCount * config.HeadChannels);
    }
}

/// <summary>Gemma 2. Weights carry the names of Hugging Face's <c>Gemma2ForCausalLM</c>.</summary>
/// <exception cref="ConfigurationException">The configuration contradicts itself.</exception>
public sealed class Gemma2Model(Gemma2Config config, IWeights weights) : DecoderModel(Checked(config), Assemble(config, weights), weights)
{
    private static DecoderParts Assemble(Gemma2Config config, IWeights weights)
    {
        var scope = weights["model"];
        var tokens = new Embedding(scope["embed_tokens"], config.VocabSize, config.HiddenSize, config.Normal);
        var all = new SelfAttentionParts
        {
            Rotary = config.Rotary(),
            Scale = 1 / Math.Sqrt(config.ScoreScale > 0 ? config.ScoreScale : config.HeadChannels),
            SoftCap = config.ScoreCap > 0 ? config.ScoreCap : null,
            WeightDropout = config.AttentionDropout,
            OutputDropout = config.Dropout,
        };
        var near = all with { Window = LlamaModel.WindowOf(config.Window) };
        var blocks = BuildBlocks(config, scope["layers"], (layer, block) => new SandwichBlock(
            Norm(block, "input_layernorm"), LlamaModel.Attention(config, block["self_attn"], layer % 2 == 0 ? near : all, layer, config.AttentionBias, config.AttentionBias), Norm(block, "post_attention_layernorm"),
            Norm(block, "pre_feedforward_layernorm"), LlamaModel.GatedMlp(config, block["mlp"], config.Activation, layer), Norm(block, "post_feedforward_layernorm"), layer));
        OutputHead head = BuildHead(config, tokens, weights["lm_head"]);
        return new(
            new(tokens) { Scale = Math.Sqrt(config.HiddenSize), Dropout = config.EmbeddingDropout }, blocks, Norm(scope, "norm"),
            config.LogitCap > 0 ? new CappedHead(head, config.LogitCap) : head, config.HeadCount * config.HeadChannels);

        OffsetRmsNorm Norm(IWeights block, string name) => new(block[name], config.HiddenSize, config.NormEpsilon);
    }
}
