using Stemma.Layers;
using Stemma.Models.Llama;
using Stemma.Numerics;
using Stemma.Numerics.Autograd;

namespace Stemma.Models.Mixtral;

/// <summary>Mixtral. Weights carry the names of Hugging Face's <c>MixtralForCausalLM</c>.</summary>
/// <exception cref="ConfigurationException">The configuration contradicts itself.</exception>
public sealed class MixtralModel(MixtralConfig config, IWeights weights) : DecoderModel(Checked(config), Assemble(config, weights), weights)
{
    private readonly MixtralConfig _config = config;

    /// <inheritdoc/>
    /// <remarks>While a tape records, the routers' losses are added; blocks are then not computed again, for a routing must be counted once.</remarks>
    public override Tensor Loss(Tensor inputs, Tensor targets, in Pass pass, double? divisor = null)
    {
        var load = Tape.IsRecording || _config.ReportsLoadLoss ? _config.LoadLossWeight : 0;
        var size = Tape.IsRecording ? _config.LogitLossWeight : 0;
        if (load == 0 && size == 0) return base.Loss(inputs, targets, pass, divisor);
        var balance = new ExpertBalance();
        var loss = base.Loss(inputs, targets, pass with { Balance = balance, Checkpointing = false }, divisor);
        if (load > 0) loss += balance.LoadLoss() * load;
        return size > 0 ? loss + balance.LogitLoss() * size : loss;
    }

    private static DecoderParts Assemble(MixtralConfig config, IWeights weights)
    {
        var scope = weights["model"];
        var tokens = new Embedding(scope["embed_tokens"], config.VocabSize, config.HiddenSize, config.Normal);
        var parts = new SelfAttentionParts { Window = LlamaModel.WindowOf(config.Window), Rotary = config.Rotary(), WeightDropout = config.AttentionDropout, OutputDropout = config.Dropout };
        var blocks = BuildBlocks(config, scope["layers"], (layer, block) => new PreNormBlock(
            new RmsNorm(block["input_layernorm"], config.HiddenSize, config.NormEpsilon),
            LlamaModel.Attention(config, block["self_attn"], parts, layer, inputBias: false, outputBias: false),
            new RmsNorm(block["post_attention_layernorm"], config.HiddenSize, config.NormEpsilon),
            Mixture(config, block["block_sparse_moe"], layer), layer));
        var norm = new RmsNorm(scope["norm"], config.HiddenSize, config.NormEpsilon);
        return new(new(tokens) { Dropout = config.EmbeddingDropout }, blocks, norm, BuildHead(config, tokens, weights["lm_head"]), config.HeadCount * config.HeadChannels)
        {
            IdleWeightCount = 3L * config.LayerCount * (config.ExpertCount - config.TopExpertCount) * config.HiddenSize * config.FeedForwardSize,
        };
    }

    private static MixtureOfExperts Mixture(MixtralConfig config, IWeights scope, int layer)
    {
        var router = scope.Linear("gate", config.HiddenSize, config.ExpertCount, config.Normal, hasBias: false);
        return new(router, [.. Enumerable.Range(0, config.ExpertCount).Select(expert => Expert(scope["experts"][$"{expert}"]))], config.TopExpertCount, layer);

        GatedMlp Expert(IWeights weights) => new(
            weights.Linear("w1", config.HiddenSize, config.FeedForwardSize, config.Normal, hasBias: false), config.Activation.Function(),
            weights.Linear("w3", config.HiddenSize, config.FeedForwardSize, config.Normal, hasBias: false),
            weights.Linear("w2", config.FeedForwardSize, config.HiddenSize, config.Residual, hasBias: false), layer, config.Dropout);
    }
}
