namespace Stemma.Layers.Recurrent;

/// <summary>The weights of one layer of a recurrent network.</summary>
/// <param name="Input"><c>weight_ih_l0</c>, [gates · hidden, input].</param>
/// <param name="Hidden"><c>weight_hh_l0</c>, [gates · hidden, hidden].</param>
/// <param name="InputBias"><c>bias_ih_l0</c>, [gates · hidden].</param>
/// <param name="HiddenBias"><c>bias_hh_l0</c>, [gates · hidden].</param>
public sealed record RecurrentWeights(Parameter Input, Parameter Hidden, Parameter InputBias, Parameter HiddenBias)
{
    /// <summary>The layers of a network, under PyTorch's names.</summary>
    /// <param name="weights">The network's scope.</param>
    /// <param name="gateCount">Blocks of hidden-size rows in a weight.</param>
    /// <param name="inputSize">Channels of the first layer's input.</param>
    /// <param name="hiddenSize">Units of each layer.</param>
    /// <param name="layerCount">One or more.</param>
    /// <param name="initializer">How all weights start; uniform in ±1/√hidden when null, as in PyTorch.</param>
    internal static RecurrentWeights[] Stack(IWeights weights, int gateCount, int inputSize, int hiddenSize, int layerCount, Initializer? initializer)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(layerCount, 1);
        initializer ??= new Initializer.Uniform(1 / Math.Sqrt(hiddenSize));
        var rows = gateCount * hiddenSize;
        return [.. Enumerable.Range(0, layerCount).Select(layer => new RecurrentWeights(
            weights.Tensor($"weight_ih_l{layer}", [rows, layer == 0 ? inputSize : hiddenSize], initializer),
            weights.Tensor($"weight_hh_l{layer}", [rows, hiddenSize], initializer),
            weights.Tensor($"bias_ih_l{layer}", [rows], initializer),
            weights.Tensor($"bias_hh_l{layer}", [rows], initializer)))];
    }
}
