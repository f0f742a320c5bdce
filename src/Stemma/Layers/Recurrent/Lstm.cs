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
public sealed class Lstm(IWeights weights, int inputSize, int hiddenSize, int layerCount = 1)
{
    /// <summary>The layers' weights, from below.</summary>
    public IReadOnlyList<RecurrentWeights> Layers { get; } = RecurrentWeights.Stack(weights, 4, inputSize, hiddenSize, layerCount);

    /// <summary>Runs over the rows of every sequence; one row each is one step of decoding.</summary>
    /// <param name="x">[rows, input].</param>
    /// <param name="layout">Where the rows of each sequence begin and end.</param>
    /// <param name="state">What came before; nothing when null.</param>
    /// <returns>The uppermost h of every row [rows, hidden], and what to continue from.</returns>
    public (Tensor Output, LstmState State) Forward(Tensor x, SequenceLayout layout, LstmState? state = null)
    {
        var (hidden, cell) = (new Tensor[Layers.Count], new Tensor[Layers.Count]);
        for (var l = 0; l < Layers.Count; l++)
        {
            var layer = Layers[l];
            (x, hidden[l], cell[l]) = TensorOps.Lstm(
                x, layout, layer.Input, layer.Hidden, layer.InputBias, layer.HiddenBias, state?.Hidden.Select(0, l), state?.Cell.Select(0, l));
        }
        return (x, new(Stacked(hidden), Stacked(cell)));
    }

    private static Tensor Stacked(Tensor[] layers) => TensorOps.Concatenate(0, layers).Reshape(layers.Length, layers[0].Shape[0], layers[0].Shape[1]);
}
