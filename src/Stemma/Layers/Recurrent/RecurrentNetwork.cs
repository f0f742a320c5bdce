using Stemma.Numerics;
using Stemma.Numerics.Ops;

namespace Stemma.Layers.Recurrent;

/// <summary>Recurrent layers of one kind, each reading the hidden states of the one below.</summary>
public abstract class RecurrentNetwork
{
    private protected RecurrentNetwork(IReadOnlyList<RecurrentWeights> layers) => Layers = layers;

    /// <summary>The layers' weights, from below.</summary>
    public IReadOnlyList<RecurrentWeights> Layers { get; }

    /// <summary>Units of each layer.</summary>
    public int HiddenSize => Layers[0].Hidden.Shape[1];

    /// <summary>What one layer remembers: the hidden state first.</summary>
    private protected abstract IReadOnlyList<string> StateNames { get; }

    /// <summary>What the network remembers of a sequence, layer after layer.</summary>
    public IReadOnlyList<StatePart> StateParts => [.. Enumerable.Range(0, Layers.Count).SelectMany(layer => StateNames.Select(name => new StatePart($"layer.{layer}.{name}", HiddenSize, DType.Float32)))];

    /// <summary>Runs over the rows of every sequence; one row each is one step of decoding.</summary>
    /// <param name="x">[rows, input].</param>
    /// <param name="pass">Where the rows of each sequence begin and end; dropout; an observer, who sees the gates of every step.</param>
    /// <param name="states">What came before, a tensor [sequences, hidden] for each of <see cref="StateParts"/>; nothing when null.</param>
    /// <param name="dropout">What is dropped while training; nothing when null.</param>
    /// <returns>The uppermost h of every row [rows, hidden], and what to continue from.</returns>
    public (Tensor Output, IReadOnlyList<Tensor> States) Forward(Tensor x, in Pass pass, IReadOnlyList<Tensor>? states = null, RecurrentDropout? dropout = null)
    {
        ArgumentNullException.ThrowIfNull(x);
        dropout ??= NoDropout.Instance;
        var (after, count, sequences) = (new List<Tensor>(), StateNames.Count, pass.Layout.Count);
        for (var layer = 0; layer < Layers.Count; layer++)
        {
            x = dropout.BeforeLayer(x, pass, layer);
            var (dtype, device) = (x.DType, x.Device);
            var before = Enumerable.Range(layer * count, count).Select(i => states?[i] ?? Tensor.Zeros([sequences, HiddenSize], dtype, device)).ToArray();
            var mask = dropout.HiddenMask(pass, layer, HiddenSize, dtype, device);
            var result = (pass.Observer is null && mask is null ? Fused(layer, x, pass.Layout, before) : null) ?? StepByStep(layer, x, pass, before, mask);
            x = result[0];
            after.AddRange(result.AsSpan(1));
        }
        return (dropout.AfterLayers(x, pass, Layers.Count), after);
    }

    /// <summary>A layer in one operation: the hidden state of every row, then the last states; null where there is no such operation.</summary>
    private protected virtual Tensor[]? Fused(int layer, Tensor x, SequenceLayout layout, Tensor[] states) => null;

    /// <summary>One step of a layer as its paper has it.</summary>
    /// <param name="layer">Which.</param>
    /// <param name="inputs">W_x·x + b_x, [sequences, gates · hidden].</param>
    /// <param name="products">W_h·h + b_h, the same shape.</param>
    /// <param name="states">The states before.</param>
    /// <param name="show">Shows a value to the observer and returns what it leaves.</param>
    /// <returns>The states after.</returns>
    private protected abstract Tensor[] Step(int layer, Tensor inputs, Tensor products, Tensor[] states, Func<Site, Tensor, Tensor> show);

    /// <summary>Every so many of the states, one upon the other.</summary>
    private protected static Tensor Stacked(IReadOnlyList<Tensor> states, int first = 0, int every = 1)
    {
        Tensor[] chosen = [.. states.Where((_, i) => i % every == first)];
        return TensorOps.Concatenate(0, chosen).Reshape(chosen.Length, chosen[0].Shape[0], chosen[0].Shape[1]);
    }

    private Tensor[] StepByStep(int layer, Tensor x, in Pass pass, Tensor[] states, Tensor? mask)
    {
        var (weights, seen) = (Layers[layer], pass);
        return TimeSteps.Walk(x.Linear(weights.Input, weights.InputBias), pass.Layout, states, (inputs, before, sequences) =>
        {
            var hidden = mask is null ? before[0] : before[0] * TimeSteps.Rows(mask, sequences);
            var after = Step(layer, inputs, hidden.Linear(weights.Hidden, weights.HiddenBias), before, (site, value) => seen.Observe(site, layer, value));
            after[0] = seen.Observe(Site.HiddenState, layer, after[0]);
            return after;
        });
    }
}
