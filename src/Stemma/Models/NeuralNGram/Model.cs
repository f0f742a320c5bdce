using Stemma.Layers;
using Stemma.Numerics;
using Stemma.Numerics.Ops;

namespace Stemma.Models.NeuralNGram;

/// <summary>
/// The neural probabilistic language model: the vectors of the last n − 1 words side by side, x; y = b + W·x + U·tanh(d + H·x), softmax.
/// Bengio et al. 2003, "A neural probabilistic language model", equation 1.
/// </summary>
/// <remarks>Before the first word of a text stands a vector of its own. U and W are one matrix, over the hidden layer beside x.</remarks>
public sealed class NeuralNGramModel : CarryingLanguageModel
{
    private readonly NeuralNGramConfig _config;
    private readonly Embedding _tokens;
    private readonly Parameter _hidden, _hiddenBias, _output, _outputBias;

    /// <summary>Builds the model.</summary>
    /// <exception cref="ConfigurationException">The configuration contradicts itself.</exception>
    public NeuralNGramModel(NeuralNGramConfig config, IWeights weights)
    {
        ArgumentNullException.ThrowIfNull(config);
        ArgumentNullException.ThrowIfNull(weights);
        config.Validate();
        _config = config;
        var uniform = new Initializer.Uniform(config.InitializerRange);
        var history = config.HistoryLength * config.EmbeddingSize;
        _tokens = new(weights["encoder"], config.VocabSize + 1, config.EmbeddingSize, uniform);
        _hidden = weights["hidden"].Tensor("weight", [config.HiddenSize, history], uniform);
        _hiddenBias = weights["hidden"].Tensor("bias", [config.HiddenSize], new Initializer.Constant(0));
        _output = weights["decoder"].Tensor("weight", [config.VocabSize, config.HiddenSize + (config.DirectConnections ? history : 0)], uniform);
        _outputBias = weights["decoder"].Tensor("bias", [config.VocabSize], new Initializer.Constant(0));
        Parameters = weights.All;
    }

    /// <inheritdoc/>
    public override ModelConfig Config => _config;

    /// <inheritdoc/>
    public override IReadOnlyList<Parameter> Parameters { get; }

    /// <summary>The last words, the latest first: each its id + 1, or 0 where there was none.</summary>
    public override IReadOnlyList<StatePart> StateParts => [new("words", _config.HistoryLength, DType.Int32)];

    /// <inheritdoc/>
    protected override long ActiveParameterCount => _hidden.Shape.Count + _output.Shape.Count;

    /// <inheritdoc/>
    public override Tensor Loss(Tensor inputs, Tensor targets, in Pass pass, double? divisor = null) =>
        Hidden(inputs, pass).LinearCrossEntropy(_output, targets, divisor: divisor, bias: _outputBias);

    /// <inheritdoc/>
    protected override Tensor Hidden(Tensor inputs, in Pass pass)
    {
        var x = _tokens.Forward(Histories(inputs, pass)).Reshape(inputs.Shape[0], _config.HistoryLength * _config.EmbeddingSize);
        x = pass.Drop(x, _config.Dropout, 0);
        var hidden = pass.Drop(x.Linear(_hidden, _hiddenBias.Value).Tanh(), _config.Dropout, 1);
        return _config.DirectConnections ? TensorOps.Concatenate(1, hidden, x) : hidden;
    }

    /// <inheritdoc/>
    protected override Tensor Project(Tensor hidden) => hidden.Linear(_output, _outputBias.Value);

    /// <summary>What each row sees, [rows, n − 1], the latest word first; leaves what the next pass sees.</summary>
    private Tensor Histories(Tensor inputs, in Pass pass)
    {
        var (length, tokens, layout) = (_config.HistoryLength, inputs.ToArray<int>(), pass.Layout);
        var before = pass.State?.Tensors[0].ToArray<int>() ?? new int[layout.Count * length];
        var (seen, after) = (new int[tokens.Length * length], new int[layout.Count * length]);
        for (var s = 0; s < layout.Count; s++)
        {
            var history = before.AsSpan(s * length, length);
            for (var row = layout.QueryOffsets[s]; row < layout.QueryOffsets[s + 1]; row++)
            {
                history[..^1].CopyTo(history[1..]);
                history[0] = tokens[row] + 1;
                history.CopyTo(seen.AsSpan(row * length));
            }
            history.CopyTo(after.AsSpan(s * length));
        }
        pass.State?.Replace([Tensor.From(after, [layout.Count, length], inputs.Device)]);
        return Tensor.From(seen, [tokens.Length, length], inputs.Device);
    }
}
