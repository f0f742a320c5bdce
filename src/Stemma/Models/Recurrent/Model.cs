using Stemma.Layers;
using Stemma.Layers.Recurrent;
using Stemma.Numerics;
using Stemma.Numerics.Ops;

namespace Stemma.Models.Recurrent;

/// <summary>
/// A recurrent language model: token vectors, recurrent layers, an output projection of its own. Mikolov et al. 2010; Zaremba et al.
/// 2014, arXiv:1409.2329. Weights carry the names of PyTorch's word language model.
/// </summary>
public sealed class RecurrentModel : CarryingLanguageModel
{
    private readonly RecurrentConfig _config;
    private readonly Embedding _tokens;
    private readonly RecurrentNetwork _network;
    private readonly Parameter _output, _outputBias;

    /// <summary>Builds the model.</summary>
    /// <exception cref="ConfigurationException">The configuration contradicts itself.</exception>
    public RecurrentModel(RecurrentConfig config, IWeights weights)
    {
        ArgumentNullException.ThrowIfNull(config);
        ArgumentNullException.ThrowIfNull(weights);
        config.Validate();
        _config = config;
        var uniform = new Initializer.Uniform(config.InitializerRange);
        _tokens = new(weights["encoder"], config.VocabSize, config.TokenSize, uniform);
        _network = config.BuildNetwork(weights["rnn"], uniform);
        _output = weights["decoder"].Tensor("weight", [config.VocabSize, config.HiddenSize], uniform);
        _outputBias = weights["decoder"].Tensor("bias", [config.VocabSize], uniform);
        Parameters = weights.All;
    }

    /// <inheritdoc/>
    public override ModelConfig Config => _config;

    /// <inheritdoc/>
    public override IReadOnlyList<Parameter> Parameters { get; }

    /// <inheritdoc/>
    public override IReadOnlyList<StatePart> StateParts => _network.StateParts;

    /// <inheritdoc/>
    protected override long ActiveParameterCount => Parameters.Where(weight => weight.Shape.Rank > 1).Sum(weight => weight.Shape.Count) - _tokens.Weight.Shape.Count;

    /// <inheritdoc/>
    public override Tensor Loss(Tensor inputs, Tensor targets, in Pass pass, double? divisor = null) =>
        Hidden(inputs, pass).LinearCrossEntropy(_output, targets, divisor: divisor, bias: _outputBias);

    /// <inheritdoc/>
    protected override Tensor Hidden(Tensor inputs, in Pass pass)
    {
        var x = _config.Dropout.OfTokens(inputs, _tokens.Forward(inputs), pass);
        var (output, states) = _network.Forward(x, pass, pass.State?.Tensors, _config.Dropout);
        pass.State?.Replace(states);
        return output;
    }

    /// <inheritdoc/>
    protected override Tensor Project(Tensor hidden) => hidden.Linear(_output, _outputBias.Value);
}
