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
    private readonly Block[] _blocks;
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
        _blocks = [.. Enumerable.Range(0, config.LayerCount).Select(layer => Block.Build(weights, () => Build(config, layer, scope["h"][$"{layer}"])))];
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

    /// <summary>Attention, then a feed-forward layer with GELU, each added to what it read through a LayerNorm.</summary>
    private static PreNormBlock Build(Gpt2Config config, int layer, IWeights weights)
    {
        var (size, attention, mlp) = (config.HiddenSize, weights["attn"], weights["mlp"]);
        var normal = new Initializer.Normal(config.InitializerRange);
        // What is added to the residual stream 2·layers times starts smaller by the root of that (GPT-2, section 2.3).
        var residual = new Initializer.Normal(config.InitializerRange / Math.Sqrt(2 * config.LayerCount));
        return new(
            new LayerNorm(weights["ln_1"], size, config.NormEpsilon),
            new SelfAttention(
                new JointProjection(attention.Linear("c_attn", size, 3 * size, normal), config.HeadCount, config.HeadCount, size / config.HeadCount),
                attention.Linear("c_proj", size, size, residual), new() { WeightDropout = config.Dropout, OutputDropout = config.Dropout }, layer),
            new LayerNorm(weights["ln_2"], size, config.NormEpsilon),
            new Mlp(mlp.Linear("c_fc", size, config.FeedForwardSize, normal), Activation.GeluTanh, mlp.Linear("c_proj", config.FeedForwardSize, size, residual), layer, config.Dropout), layer);
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
