using Stemma.Layers;
using Stemma.Models.Llama;

namespace Stemma.Models.Mixtral;

/// <summary>Mixtral. Weights carry the names of Hugging Face's <c>MixtralForCausalLM</c>.</summary>
/// <exception cref="ConfigurationException">The configuration contradicts itself.</exception>
public sealed class MixtralModel(MixtralConfig config, IWeights weights) : DecoderModel(Checked(config), Assemble(config, weights), weights)
{
    private static DecoderParts Assemble(MixtralConfig config, IWeights weights)
    {
        var scope = weights["model"];
        var tokens = new Embedding(scope["embed_tokens"], config.VocabSize, config.HiddenSize, config.Normal);
        var parts = new SelfAttentionParts { Window = LlamaModel.WindowOf(config.Window), Rotary = config.Rotary(), WeightDropout = config.AttentionDropout, OutputDropout = config.Dropout };
        var experts = new MixtureOfExpertsConfig { ExpertCount = config.ExpertCount, TopExpertCount = config.TopExpertCount, Activation = config.Activation, LoadLossWeight = config.LoadLossWeight, LogitLossWeight = config.LogitLossWeight };
        var sizes = new FeedForwardSizes(config.HiddenSize, config.FeedForwardSize, config.Normal, config.Residual, HasBias: false, config.Dropout);
        var blocks = BuildBlocks(config, scope["layers"], (layer, block) => new PreNormBlock(
            new RmsNorm(block["input_layernorm"], config.HiddenSize, config.NormEpsilon),
            LlamaModel.Attention(config, block["self_attn"], parts, layer, inputBias: false, outputBias: false),
            new RmsNorm(block["post_attention_layernorm"], config.HiddenSize, config.NormEpsilon),
            experts.Build(block, sizes, layer), layer));
        var norm = new RmsNorm(scope["norm"], config.HiddenSize, config.NormEpsilon);
        return new(new(tokens) { Dropout = config.EmbeddingDropout }, blocks, norm, BuildHead(config, tokens, weights["lm_head"]), config.HeadCount * config.HeadChannels)
        {
            IdleWeightCount = config.LayerCount * experts.IdleWeightCount(sizes),
            RouterLosses = experts.RouterLosses! with { ReportsLoad = config.ReportsLoadLoss },
        };
    }
}
