using Stemma.Numerics;
using Stemma.Numerics.Ops;

namespace Stemma.Layers.Recurrent;

/// <summary>
/// Layers of gated recurrent units, each reading the states of the one below. Cho et al. 2014, arXiv:1406.1078. Weights have the names
/// and gate order of PyTorch's <c>nn.GRU</c>, which applies the reset gate after the hidden product.
/// </summary>
/// <param name="weights">Its scope: <c>weight_ih_l0</c>, <c>weight_hh_l0</c>, <c>bias_ih_l0</c>, <c>bias_hh_l0</c>, and so for each layer.</param>
/// <param name="inputSize">Channels of the input.</param>
/// <param name="hiddenSize">Units of each layer.</param>
/// <param name="layerCount">One or more.</param>
public sealed class Gru(IWeights weights, int inputSize, int hiddenSize, int layerCount = 1)
{
    /// <summary>The layers' weights, from below.</summary>
    public IReadOnlyList<RecurrentWeights> Layers { get; } = RecurrentWeights.Stack(weights, 3, inputSize, hiddenSize, layerCount);

    /// <summary>Runs over the rows of every sequence; one row each is one step of decoding.</summary>
    /// <param name="x">[rows, input].</param>
    /// <param name="layout">Where the rows of each sequence begin and end.</param>
    /// <param name="state">What came before, [layers, sequences, hidden]; nothing when null.</param>
    /// <returns>The uppermost h of every row [rows, hidden], and what to continue from [layers, sequences, hidden].</returns>
    public (Tensor Output, Tensor State) Forward(Tensor x, SequenceLayout layout, Tensor? state = null)
    {
        var hidden = new Tensor[Layers.Count];
        for (var l = 0; l < Layers.Count; l++)
        {
            var layer = Layers[l];
            (x, hidden[l]) = TensorOps.Gru(x, layout, layer.Input, layer.Hidden, layer.InputBias, layer.HiddenBias, state?.Select(0, l));
        }
        return (x, TensorOps.Concatenate(0, hidden).Reshape(hidden.Length, hidden[0].Shape[0], hidden[0].Shape[1]));
    }
}
