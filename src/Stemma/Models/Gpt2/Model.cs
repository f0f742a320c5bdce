using Stemma.Layers;
using Stemma.Numerics;
using Stemma.Numerics.Ops;

namespace Stemma.Models.Gpt2;

/// <summary>
/// GPT-2: a decoder of pre-norm blocks with learned positions and a tied output projection. Radford et al. 2019, "Language
/// models are unsupervised multitask learners". Weights carry the names of Hugging Face's <c>GPT2LMHeadModel</c>.
/// </summary>
public sealed class Gpt2Model : NeuralLanguageModel
{
    private readonly Gpt2Config _config;
    private readonly Embedding _tokens, _positions;
    private readonly Gpt2Block[] _blocks;
    private readonly LayerNorm _norm;

    /// <summary>Builds the model.</summary>
    /// <exception cref="ConfigurationException">The configuration contradicts itself.</exception>
    public Gpt2Model(Gpt2Config config, IWeights weights)
    {
        config.Validate();
        _config = config;
        var scope = weights["transformer"];
        var normal = new Initializer.Normal(config.InitializerRange);
        _tokens = new(scope["wte"], config.VocabSize, config.HiddenSize, normal);
        _positions = new(scope["wpe"], config.ContextLength, config.HiddenSize, normal);
        _blocks = new Gpt2Block[config.LayerCount];
        for (var i = 0; i < _blocks.Length; i++) _blocks[i] = new(config, i, scope["h"][$"{i}"]);
        _norm = new(scope["ln_f"], config.HiddenSize, config.NormEpsilon);
        Parameters = weights.All;
    }

    /// <inheritdoc/>
    public override ModelConfig Config => _config;

    /// <inheritdoc/>
    public override IReadOnlyList<Parameter> Parameters { get; }

    /// <inheritdoc/>
    protected override long ActiveParameterCount => Parameters.Sum(p => p.Shape.Count) - _positions.Weight.Shape.Count;

    /// <inheritdoc/>
    public override Tensor Loss(Tensor inputs, Tensor targets, in Pass pass, double? divisor = null) =>
        Hidden(inputs, pass).LinearCrossEntropy(_tokens.Weight, targets, divisor: divisor);

    /// <inheritdoc/>
    public override ISequenceState Start() => new SequenceCache(_config.LayerCount, _config.ContextLength);

    /// <inheritdoc/>
    protected override double AttentionFlopsPerToken(int contextLength) => 6.0 * _config.LayerCount * _config.HiddenSize * contextLength;

    /// <inheritdoc/>
    protected override Tensor Hidden(Tensor inputs, in Pass pass)
    {
        var positions = pass.Positions();
        foreach (var position in positions)
            if (position >= _config.ContextLength) throw new ArgumentException($"Position {position} lies beyond this model's context of {_config.ContextLength} tokens; its positions are learned, so there is none.", nameof(inputs));
        var x = Embed(inputs, positions, pass);
        foreach (var block in _blocks) x = block.Forward(x, pass);
        return _norm.Forward(x);
    }

    private Tensor Embed(Tensor inputs, ReadOnlySpan<int> positions, in Pass pass)
    {
        using var scope = Memory.Scope();
        var x = _tokens.Forward(inputs) + _positions.Forward(Tensor.From(positions, [positions.Length], inputs.Device));
        return scope.Keep(pass.Drop(x, _config.Dropout, DropoutPlace.Of(_config.LayerCount, DropoutPlace.Embedding)));
    }

    /// <inheritdoc/>
    protected override Tensor Project(Tensor hidden) => hidden.Linear(_tokens.Weight);
}
