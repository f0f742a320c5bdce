using Stemma.Layers;
using Stemma.Numerics;
using Stemma.Numerics.Ops;

namespace Stemma.Models.Bart;

/// <summary>
/// BART (Lewis et al. 2019, arXiv:1910.13461) and mBART (Liu et al. 2020, arXiv:2001.08210): encoder–decoders with learned positions that
/// are trained to put noisy texts right. Weights carry the names of Hugging Face's <c>BartForConditionalGeneration</c>.
/// </summary>
public sealed class BartModel : EncoderDecoderModel
{
    /// <summary>Added to the logits; training leaves it alone.</summary>
    internal const string LogitsBias = "final_logits_bias";

    private readonly BartFamilyConfig _config;
    private readonly Embedding _tokens;
    private readonly BartStack _encoder, _decoder;
    private readonly Parameter _output, _bias;

    /// <summary>Builds the model.</summary>
    /// <exception cref="ConfigurationException">The configuration contradicts itself.</exception>
    public BartModel(BartFamilyConfig config, IWeights weights)
    {
        ArgumentNullException.ThrowIfNull(config);
        ArgumentNullException.ThrowIfNull(weights);
        config.Validate();
        _config = config;
        var normal = new Initializer.Normal(config.InitializerRange);
        var scope = weights["model"];
        _tokens = new(scope["shared"], config.SourceVocabSize, config.HiddenSize, normal);
        _encoder = new(config, scope["encoder"], decodes: false);
        _decoder = new(config, scope["decoder"], decodes: true);
        _output = config.TiedEmbeddings ? _tokens.Weight : weights["lm_head"].Tensor("weight", [config.TargetVocabSize, config.HiddenSize], normal);
        _bias = weights.Tensor(LogitsBias, [1, config.TargetVocabSize], new Initializer.Constant(0));
        Parameters = [.. weights.All.Where(weight => weight != _bias)];
    }

    /// <inheritdoc/>
    public override ConditionalModelConfig Config => _config;

    /// <inheritdoc/>
    public override IReadOnlyList<Parameter> Parameters { get; }

    /// <inheritdoc/>
    public override IReadOnlyList<Parameter> Constants => [_bias];

    /// <inheritdoc/>
    internal override int DecoderLayerCount => _config.DecoderLayerCount;

    /// <inheritdoc/>
    internal override int? TargetContext => _config.ContextLength;

    private protected override Tensor OutputWeight => _output;

    private protected override Tensor OutputBias => _bias.Value.Detach().Reshape(_config.TargetVocabSize);

    /// <inheritdoc/>
    public override Tensor Encode(Tensor ids, in Pass pass) => _encoder.Forward(Vectors(ids), null, pass);

    /// <inheritdoc/>
    internal override SourceKeys[] Remember(Tensor encoded, SequenceLayout layout) => [.. _decoder.Blocks.Select(block => block.SourceAttention!.Remember(encoded, layout))];

    /// <inheritdoc/>
    internal override Tensor Decode(Tensor ids, SourceKeys[] sources, in Pass pass) => _decoder.Forward(Vectors(ids), sources, pass);

    /// <inheritdoc/>
    public override double TrainingFlops(int sourceTokens, int targetTokens)
    {
        var square = (double)_config.HiddenSize * _config.HiddenSize;
        var source = _config.LayerCount * (4 * square + 2.0 * _config.HiddenSize * _config.IntermediateSize) + _config.DecoderLayerCount * 2 * square;
        var target = _config.DecoderLayerCount * (6 * square + 2.0 * _config.HiddenSize * _config.DecoderIntermediateSize) + (double)_config.TargetVocabSize * _config.HiddenSize;
        return 6 * (source * sourceTokens + target * targetTokens);
    }

    private Tensor Vectors(Tensor ids) => _config.ScalesEmbeddings ? _tokens.Forward(ids) * Math.Sqrt(_config.HiddenSize) : _tokens.Forward(ids);
}
