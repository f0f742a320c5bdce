using Stemma.Numerics;
using Stemma.Numerics.Ops;

namespace Stemma.Layers.Recurrent;

/// <summary>
/// Layers of the simple recurrent network with tanh, each reading the states of the one below. Elman 1990, "Finding Structure in Time".
/// Weights have the names of PyTorch's <c>nn.RNN</c>.
/// </summary>
/// <param name="weights">Its scope: <c>weight_ih_l0</c>, <c>weight_hh_l0</c>, <c>bias_ih_l0</c>, <c>bias_hh_l0</c>, and so for each layer.</param>
/// <param name="inputSize">Channels of the input.</param>
/// <param name="hiddenSize">Units of each layer.</param>
/// <param name="layerCount">One or more.</param>
/// <param name="initializer">How all weights start; uniform in ±1/√hidden when null, as in PyTorch.</param>
public sealed class Rnn(IWeights weights, int inputSize, int hiddenSize, int layerCount = 1, Initializer? initializer = null)
    : RecurrentNetwork(RecurrentWeights.Stack(weights, 1, inputSize, hiddenSize, layerCount, initializer))
{
    /// <inheritdoc cref="RecurrentNetwork.Forward"/>
    /// <param name="x">[rows, input].</param>
    /// <param name="layout">Where the rows of each sequence begin and end.</param>
    /// <param name="state">What came before, [layers, sequences, hidden]; nothing when null.</param>
    /// <returns>The uppermost h of every row [rows, hidden], and what to continue from [layers, sequences, hidden].</returns>
    public (Tensor Output, Tensor State) Forward(Tensor x, SequenceLayout layout, Tensor? state = null)
    {
        var (output, states) = Forward(x, new Pass(layout), state is null ? null : [.. Layers.Select((_, l) => state.Select(0, l))]);
        return (output, Stacked(states));
    }

    private protected override IReadOnlyList<string> StateNames { get; } = ["hidden"];

    private protected override Tensor[] Fused(int layer, Tensor x, SequenceLayout layout, Tensor[] states)
    {
        var weights = Layers[layer];
        var (output, hidden) = TensorOps.Rnn(x, layout, weights.Input, weights.Hidden, weights.InputBias, weights.HiddenBias, states[0]);
        return [output, hidden];
    }

    private protected override Tensor[] Step(int layer, Tensor inputs, Tensor products, Tensor[] states, Func<Site, Tensor, Tensor> show) => [(inputs + products).Tanh()];
}
