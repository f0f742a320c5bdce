using Stemma.Numerics;
using Stemma.Numerics.Ops;

namespace Stemma.Layers.Recurrent;

/// <summary>
/// An LSTM whose gates look at the cell: i and f at the one before, o at the new one, each unit at its own. Gers and Schmidhuber 2000,
/// "Recurrent nets that time and count". Runs step by step.
/// </summary>
/// <param name="weights">Its scope: the names of <see cref="Lstm"/>, and <c>weight_ph_l0</c> for each layer.</param>
/// <param name="inputSize">Channels of the input.</param>
/// <param name="hiddenSize">Units of each layer.</param>
/// <param name="layerCount">One or more.</param>
/// <param name="initializer">How all weights start; uniform in ±1/√hidden when null.</param>
public sealed class PeepholeLstm(IWeights weights, int inputSize, int hiddenSize, int layerCount = 1, Initializer? initializer = null)
    : RecurrentNetwork(RecurrentWeights.Stack(weights, 4, inputSize, hiddenSize, layerCount, initializer))
{
    /// <summary>What gates i, f and o see of the cell, [3, hidden] for each layer.</summary>
    public IReadOnlyList<Parameter> Peepholes { get; } =
        [.. Enumerable.Range(0, layerCount).Select(layer => weights.Tensor($"weight_ph_l{layer}", [3, hiddenSize], initializer ?? new Initializer.Uniform(1 / Math.Sqrt(hiddenSize))))];

    private protected override IReadOnlyList<string> StateNames { get; } = ["hidden", "cell"];

    private protected override Tensor[] Step(int layer, Tensor inputs, Tensor products, Tensor[] states, Func<Site, Tensor, Tensor> show)
    {
        var (gates, peepholes, before) = ((inputs + products).Split(-1, 4), Peepholes[layer].Value, states[1]);
        var input = show(Site.InputGate, (gates[0] + peepholes.Slice(0, 0, 1) * before).Sigmoid());
        var forget = show(Site.ForgetGate, (gates[1] + peepholes.Slice(0, 1, 1) * before).Sigmoid());
        var candidate = show(Site.Candidate, gates[2].Tanh());
        var cell = show(Site.Cell, forget * before + input * candidate);
        var output = show(Site.OutputGate, (gates[3] + peepholes.Slice(0, 2, 1) * cell).Sigmoid());
        return [output * cell.Tanh(), cell];
    }
}
