using Stemma.Layers;
using Stemma.Numerics;
using Stemma.Numerics.Ops;

namespace Stemma.Models.T5;

/// <summary>
/// T5: an encoder–decoder with a learned bias by distance instead of positions, norms without mean and bias, and scores without a scale.
/// Raffel et al. 2019, arXiv:1910.10683; version 1.1 has gated feed-forward layers and an output projection of its own (Shazeer 2020,
/// arXiv:2002.05202). Weights carry the names of Hugging Face's <c>T5ForConditionalGeneration</c>.
/// </summary>
public sealed class T5Model : EncoderDecoderModel
{
    private readonly T5Config _config;
    private readonly Embedding _tokens;
    private readonly T5Stack _encoder, _decoder;
    private readonly Parameter _output;

    /// <summary>Builds the model.</summary>
    /// <exception cref="ConfigurationException">The configuration contradicts itself.</exception>
    public T5Model(T5Config config, IWeights weights)
    {
        ArgumentNullException.ThrowIfNull(config);
        ArgumentNullException.ThrowIfNull(weights);
        config.Validate();
        _config = config;
        var normal = new Initializer.Normal(config.InitializerFactor);
        _tokens = new(weights["shared"], config.SourceVocabSize, config.HiddenSize, normal);
        _encoder = new(config, weights["encoder"], decodes: false);
        _decoder = new(config, weights["decoder"], decodes: true);
        _output = config.TiedEmbeddings ? _tokens.Weight : weights["lm_head"].Tensor("weight", [config.TargetVocabSize, config.HiddenSize], normal);
        Parameters = weights.All;
    }

    /// <inheritdoc/>
    public override ConditionalModelConfig Config => _config;

    /// <inheritdoc/>
    public override IReadOnlyList<Parameter> Parameters { get; }

    /// <inheritdoc/>
    internal override int DecoderLayerCount => _config.DecoderLayerCount;

    private protected override Tensor OutputWeight => _output;

    /// <inheritdoc/>
    public override Tensor Encode(Tensor ids, in Pass pass) => _encoder.Forward(_tokens.Forward(ids), null, pass);

    /// <inheritdoc/>
    internal override SourceKeys[] Remember(Tensor encoded, SequenceLayout layout) => [.. _decoder.Blocks.Select(block => block.SourceAttention!.Remember(encoded, layout))];

    /// <inheritdoc/>
    internal override Tensor Decode(Tensor ids, SourceKeys[] sources, in Pass pass)
    {
        var x = _decoder.Forward(_tokens.Forward(ids), sources, pass);
        return _config.TiedEmbeddings ? x / Math.Sqrt(_config.HiddenSize) : x;
    }

    /// <inheritdoc/>
    public override double TrainingFlops(int sourceTokens, int targetTokens)
    {
        double projection = (double)_config.HiddenSize * _config.HeadCount * _config.HeadSize;
        double inner = (_config.IsGated ? 3.0 : 2.0) * _config.HiddenSize * _config.IntermediateSize;
        var source = _config.LayerCount * (4 * projection + inner) + _config.DecoderLayerCount * 2 * projection;
        var target = _config.DecoderLayerCount * (6 * projection + inner) + (double)_config.TargetVocabSize * _config.HiddenSize;
        return 6 * (source * sourceTokens + target * targetTokens);
    }
}
