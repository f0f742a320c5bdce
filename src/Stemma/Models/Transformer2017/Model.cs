using Stemma.Layers;
using Stemma.Numerics;
using Stemma.Numerics.Ops;

namespace Stemma.Models.Transformer2017;

/// <summary>
/// The original Transformer: blocks that normalise after each addition, positions as waves, an output projection that is the table of the
/// targets' vectors. Vaswani et al. 2017, "Attention is all you need", arXiv:1706.03762.
/// </summary>
public sealed class Transformer2017Model : EncoderDecoderModel
{
    private static readonly Initializer s_linear = new Initializer.Xavier();

    private readonly Transformer2017Config _config;
    private readonly SinusoidalPositions _positions;
    private readonly Embedding _sources, _targets;
    private readonly Block[] _encoder, _decoder;

    /// <summary>Builds the model.</summary>
    /// <exception cref="ConfigurationException">The configuration contradicts itself.</exception>
    public Transformer2017Model(Transformer2017Config config, IWeights weights)
    {
        ArgumentNullException.ThrowIfNull(config);
        ArgumentNullException.ThrowIfNull(weights);
        config.Validate();
        _config = config;
        _positions = new(config.HiddenSize);
        // Multiplied by the root of their size where they are read, and as they are where they project.
        var vectors = new Initializer.Normal(1 / Math.Sqrt(config.HiddenSize));
        _targets = new(weights[config.SharedEmbeddings ? "tokens" : "target.tokens"], config.TargetVocabSize, config.HiddenSize, vectors);
        _sources = config.SharedEmbeddings ? _targets : new(weights["source.tokens"], config.SourceVocabSize, config.HiddenSize, vectors);
        _encoder = [.. Enumerable.Range(0, config.LayerCount).Select(layer => Block.Build(weights, () => Build(weights["encoder"][$"{layer}"], layer, decodes: false)))];
        _decoder = [.. Enumerable.Range(0, config.LayerCount).Select(layer => Block.Build(weights, () => Build(weights["decoder"][$"{layer}"], layer, decodes: true)))];
        Parameters = weights.All;
    }

    /// <inheritdoc/>
    public override ConditionalModelConfig Config => _config;

    /// <inheritdoc/>
    public override IReadOnlyList<Parameter> Parameters { get; }

    /// <inheritdoc/>
    internal override int DecoderLayerCount => _config.LayerCount;

    private protected override Tensor OutputWeight => _targets.Weight;

    /// <inheritdoc/>
    public override Tensor Encode(Tensor ids, in Pass pass)
    {
        var x = Embed(_sources, ids, pass);
        foreach (var block in _encoder) x = block.Forward(x, pass);
        return x;
    }

    /// <inheritdoc/>
    internal override SourceKeys[] Remember(Tensor encoded, SequenceLayout layout) => [.. _decoder.Select(block => block.SourceAttention!.Remember(encoded, layout))];

    /// <inheritdoc/>
    internal override Tensor Decode(Tensor ids, SourceKeys[] sources, in Pass pass)
    {
        var x = Embed(_targets, ids, pass);
        foreach (var (layer, block) in _decoder.Index()) x = block.Forward(x, pass, sources[layer]);
        return x;
    }

    /// <inheritdoc/>
    public override double TrainingFlops(int sourceTokens, int targetTokens)
    {
        // The decoder projects the sources too, to keys and values.
        double square = (double)_config.HiddenSize * _config.HiddenSize, inner = 2.0 * _config.HiddenSize * _config.IntermediateSize;
        var source = _config.LayerCount * (4 * square + inner + 2 * square);
        var target = _config.LayerCount * (6 * square + inner) + (double)_config.TargetVocabSize * _config.HiddenSize;
        return 6 * (source * sourceTokens + target * targetTokens);
    }

    private Tensor Embed(Embedding tokens, Tensor ids, in Pass pass)
    {
        var x = tokens.Forward(ids) * Math.Sqrt(_config.HiddenSize) + _positions.Forward(pass.Positions(), ids.Device);
        return pass.Drop(x, _config.Dropout, DropoutPlace.Of(2 * _config.LayerCount, DropoutPlace.Embedding));
    }

    private PostNormBlock Build(IWeights weights, int layer, bool decodes)
    {
        var (input, output) = Projections(weights["attention"]);
        var window = decodes ? AttentionWindow.Causal : AttentionWindow.Full;
        var attention = new SelfAttention(input, output, new() { Window = window, WeightDropout = _config.AttentionDropout, OutputDropout = _config.Dropout }, layer);
        var attentionNorm = Norm(weights["attention_norm"]);
        SourcePart? source = null;
        if (decodes)
        {
            var (sourceInput, sourceOutput) = Projections(weights["source_attention"]);
            source = new(new(sourceInput, sourceOutput, _config.Dropout, _config.AttentionDropout, layer, _config.LayerCount + layer), Norm(weights["source_norm"]));
        }
        var mlp = new Mlp(
            weights.Linear("expand", _config.HiddenSize, _config.IntermediateSize, s_linear), Activation.Relu,
            weights.Linear("contract", _config.IntermediateSize, _config.HiddenSize, s_linear), layer, _config.Dropout);
        var mlpNorm = Norm(weights["norm"]);
        return new(attention, attentionNorm, mlp, mlpNorm, layer, source);
    }

    private (SeparateProjections Input, Linear Output) Projections(IWeights weights)
    {
        var size = _config.HiddenSize;
        return (new(Linear("query"), Linear("key"), Linear("value"), size / _config.HeadCount), Linear("output"));

        Linear Linear(string name) => weights.Linear(name, size, size, s_linear);
    }

    private LayerNorm Norm(IWeights weights) => new(weights, _config.HiddenSize, 1e-5);
}
