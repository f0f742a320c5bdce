using Stemma.Numerics;
using Stemma.Numerics.Ops;

namespace Stemma.Layers.Recurrent;

/// <summary>What an LSTM remembers of some sequences.</summary>
/// <param name="Hidden">[layers, sequences, hidden].</param>
/// <param name="Cell">[layers, sequences, hidden].</param>
public readonly record struct LstmState(Tensor Hidden, Tensor Cell);

/// <summary>
/// Layers of long short-term memory, each reading the states of the one below. Hochreiter and Schmidhuber 1997. Weights have the
/// names and gate order of PyTorch's <c>nn.LSTM</c>.
/// </summary>
/// <param name="weights">Its scope: <c>weight_ih_l0</c>, <c>weight_hh_l0</c>, <c>bias_ih_l0</c>, <c>bias_hh_l0</c>, and so for each layer.</param>
/// <param name="inputSize">Channels of the input.</param>
/// <param name="hiddenSize">Units of each layer.</param>
/// <param name="layerCount">One or more.</param>
/// <param name="initializer">How all weights start; uniform in ±1/√hidden when null, as in PyTorch.</param>
public sealed class Lstm(IWeights weights, int inputSize, int hiddenSize, int layerCount = 1, Initializer? initializer = null)
    : RecurrentNetwork(RecurrentWeights.Stack(weights, 4, inputSize, hiddenSize, layerCount, initializer))
{
    /// <inheritdoc cref="RecurrentNetwork.Forward"/>
    /// <param name="x">[rows, input].</param>
    /// <param name="layout">Where the rows of each sequence begin and end.</param>
    /// <param name="state">What came before; nothing when null.</param>
    /// <returns>The uppermost h of every row [rows, hidden], and what to continue from.</returns>
    public (Tensor Output, LstmState State) Forward(Tensor x, SequenceLayout layout, LstmState? state = null)
    {
        var (output, states) = Forward(x, new Pass(layout), state is not { } s ? null : [.. Layers.SelectMany((_, l) => (Tensor[])[s.Hidden.Select(0, l), s.Cell.Select(0, l)])]);
        return (output, new(Stacked(states, 0, 2), Stacked(states, 1, 2)));
    }

    private protected override IReadOnlyList<string> StateNames { get; } = ["hidden", "cell"];

    private protected override Tensor[] Fused(int layer, Tensor x, SequenceLayout layout, Tensor[] states)
    {
        var weights = Layers[layer];
        var (output, hidden, cell) = TensorOps.Lstm(x, layout, weights.Input, weights.Hidden, weights.InputBias, weights.HiddenBias, states[0], states[1]);
        return [output, hidden, cell];
    }

    private protected override Tensor[] Step(int layer, Tensor inputs, Tensor products, Tensor[] states, Func<Site, Tensor, Tensor> show)
    {
        var gates = (inputs + products).Split(-1, 4);
        var input = show(Site.InputGate, gates[0].Sigmoid());
        var forget = show(Site.ForgetGate, gates[1].Sigmoid());
        var candidate = show(Site.Candidate, gates[2].Tanh());
        var output = show(Site.OutputGate, gates[3].Sigmoid());
        var cell = show(Site.Cell, forget * states[1] + input * candidate);
        return [output * cell.Tanh(), cell];
    }
}
