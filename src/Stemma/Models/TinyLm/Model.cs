using Stemma.Layers;
using Stemma.Numerics;
using Stemma.Numerics.Ops;

namespace Stemma.Models.TinyLm;

/// <summary>
/// The tiny Transformer of tutorials: vectors of tokens and of positions, two blocks that normalise after each addition (Vaswani et al. 2017,
/// arXiv:1706.03762) with GELU, a norm, and an output projection of its own. A batch of 2 texts of 10 tokens of 1,000 has logits of 2 × 10 × 1,000.
/// </summary>
public sealed class TinyLmModel : NeuralLanguageModel
{
    private readonly TinyLmConfig _config;
    private readonly Embedding _tokens, _positions;
    private readonly Block[] _blocks;
    private readonly LayerNorm _norm;
    private readonly Parameter _head, _headBias;

    /// <summary>Builds the model.</summary>
    /// <exception cref="ConfigurationException">The configuration contradicts itself.</exception>
    public TinyLmModel(TinyLmConfig config, IWeights weights)
    {
        ArgumentNullException.ThrowIfNull(config);
        ArgumentNullException.ThrowIfNull(weights);
        config.Validate();
        _config = config;
        // PyTorch's embeddings start with variance 1.
        _tokens = new(weights["token_emb"], config.VocabSize, config.HiddenSize, new Initializer.Normal(1));
        _positions = new(weights["pos_emb"], config.ContextLength, config.HiddenSize, new Initializer.Normal(1));
        _blocks = [.. Enumerable.Range(0, config.LayerCount).Select(layer => Block.Build(weights, () => Build(config, layer, weights["layers"][$"{layer}"])))];
        _norm = new(weights["ln_f"], config.HiddenSize, 1e-5);
        _head = weights["head"].Tensor("weight", [config.VocabSize, config.HiddenSize], new Initializer.Uniform(1 / Math.Sqrt(config.HiddenSize)));
        _headBias = weights["head"].Tensor("bias", [config.VocabSize], new Initializer.Constant(0));
        Parameters = weights.All;
    }

    /// <inheritdoc/>
    public override ModelConfig Config => _config;

    /// <inheritdoc/>
    public override IReadOnlyList<Parameter> Parameters { get; }

    /// <inheritdoc/>
    protected override long ActiveParameterCount => Parameters.Sum(p => p.Shape.Count) - _positions.Weight.Shape.Count - _tokens.Weight.Shape.Count;

    /// <inheritdoc/>
    public override Tensor Loss(Tensor inputs, Tensor targets, in Pass pass, double? divisor = null) =>
        Hidden(inputs, pass).LinearCrossEntropy(_head, targets, divisor: divisor, bias: _headBias.Value);

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
        var x = _tokens.Forward(inputs) + _positions.Forward(Tensor.From(positions, [positions.Length], inputs.Device));
        foreach (var block in _blocks) x = block.Forward(x, pass);
        return _norm.Forward(x);
    }

    /// <summary>x ← norm(x + attention(x)), x ← norm(x + feed-forward(x)), each position seeing those before it; weights carry PyTorch's names.</summary>
    private static PostNormBlock Build(TinyLmConfig config, int layer, IWeights weights)
    {
        var (size, attention, xavier) = (config.HiddenSize, weights["attn"], new Initializer.Xavier());
        var projection = new DenseLinear(attention.Tensor("in_proj_weight", [3 * size, size], xavier), attention.Tensor("in_proj_bias", [3 * size], new Initializer.Constant(0)));
        return new(
            new SelfAttention(new JointProjection(projection, config.HeadCount, config.HeadCount, size / config.HeadCount), attention.Linear("out_proj", size, size, xavier), new(), layer),
            new LayerNorm(weights["ln1"], size, 1e-5),
            new Mlp(weights["ff"].Linear("0", size, config.IntermediateSize, xavier), Activation.Gelu, weights["ff"].Linear("2", config.IntermediateSize, size, xavier), layer, 0),
            new LayerNorm(weights["ln2"], size, 1e-5), layer);
    }

    /// <inheritdoc/>
    protected override Tensor Project(Tensor hidden) => hidden.Linear(_head, _headBias.Value);
}
