using Stemma.Layers;
using Stemma.Numerics.Ops;

namespace Stemma.Models.GptNeo;

/// <summary>GPT-Neo. Weights carry the names of Hugging Face's <c>GPTNeoForCausalLM</c>.</summary>
/// <exception cref="ConfigurationException">The configuration contradicts itself.</exception>
public sealed class GptNeoModel(GptNeoConfig config, IWeights weights) : DecoderModel(Checked(config), Assemble(config, weights), weights)
{
    private static DecoderParts Assemble(GptNeoConfig config, IWeights weights)
    {
        var scope = weights["transformer"];
        var hidden = config.HiddenSize;
        var tokens = new Embedding(scope["wte"], config.VocabSize, hidden, config.Normal);
        var positions = new LearnedPositions(scope["wpe"], config.ContextLength, hidden, 0, config.Normal);
        var parts = new SelfAttentionParts { Scale = 1, WeightDropout = config.AttentionDropout, OutputDropout = config.Dropout };
        var local = config.Local;
        var blocks = BuildBlocks(config, scope["h"], (layer, block) =>
        {
            var attention = block["attn"]["attention"];
            return new PreNormBlock(
                new LayerNorm(block["ln_1"], hidden, config.NormEpsilon),
                new SelfAttention(
                    new SeparateProjections(
                        attention.Linear("q_proj", hidden, hidden, config.Normal, hasBias: false), attention.Linear("k_proj", hidden, hidden, config.Normal, hasBias: false),
                        attention.Linear("v_proj", hidden, hidden, config.Normal, hasBias: false), hidden / config.HeadCount),
                    attention.Linear("out_proj", hidden, hidden, config.Residual),
                    local[layer] ? parts with { Window = AttentionWindow.Sliding(config.Window) } : parts, layer),
                new LayerNorm(block["ln_2"], hidden, config.NormEpsilon),
                new Mlp(
                    block["mlp"].Linear("c_fc", hidden, config.FeedForwardSize, config.Normal), config.Activation.Function(),
                    block["mlp"].Linear("c_proj", config.FeedForwardSize, hidden, config.Residual), layer, config.Dropout), layer);
        });
        var norm = new LayerNorm(scope["ln_f"], hidden, config.NormEpsilon);
        return new(new(tokens) { Positions = positions, Dropout = config.EmbeddingDropout }, blocks, norm, BuildHead(config, tokens, weights["lm_head"]), hidden);
    }
}
