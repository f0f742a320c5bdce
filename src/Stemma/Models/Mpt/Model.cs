using Stemma.Layers;
using Stemma.Numerics.Ops;

namespace Stemma.Models.Mpt;

/// <summary>MPT. Weights carry the names of Hugging Face's <c>MptForCausalLM</c>.</summary>
/// <exception cref="ConfigurationException">The configuration contradicts itself.</exception>
public sealed class MptModel(MptConfig config, IWeights weights) : DecoderModel(Checked(config), Assemble(config, weights), weights)
{
    private static DecoderParts Assemble(MptConfig config, IWeights weights)
    {
        var scope = weights["transformer"];
        var (hidden, heads) = (config.HiddenSize, config.HeadCount);
        var tokens = new Embedding(scope["wte"], config.VocabSize, hidden, config.Normal);
        var parts = new SelfAttentionParts
        {
            Bias = new Alibi(Alibi.Interleaved(heads, config.MaxBias)),
            Clip = config.Clip > 0 ? config.Clip : null,
            Scale = config.ScoreScale > 0 ? config.ScoreScale : null,
            WeightDropout = config.AttentionDropout,
            OutputDropout = config.Dropout,
        };
        var blocks = BuildBlocks(config, scope["blocks"], (layer, block) => new PreNormBlock(
            Norm(block, "norm_1"),
            new SelfAttention(
                new JointProjection(block["attn"].Linear("Wqkv", hidden, 3 * hidden, config.Normal, hasBias: false), heads, heads, hidden / heads),
                block["attn"].Linear("out_proj", hidden, hidden, config.Residual, hasBias: false), parts, layer),
            Norm(block, "norm_2"),
            new Mlp(
                block["ffn"].Linear("up_proj", hidden, 4 * hidden, config.Normal, hasBias: false), Activation.Gelu,
                block["ffn"].Linear("down_proj", 4 * hidden, hidden, config.Residual, hasBias: false), layer, config.Dropout), layer));
        return new(new(tokens) { Dropout = config.EmbeddingDropout }, blocks, Norm(scope, "norm_f"), BuildHead(config, tokens, weights["lm_head"]), hidden);

        BiaslessLayerNorm Norm(IWeights block, string name) => new(block[name], hidden, config.NormEpsilon);
    }
}
