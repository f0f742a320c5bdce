using System.Runtime.InteropServices;
using Stemma.Layers;
using Stemma.Numerics;
using Stemma.Numerics.Autograd;
using Stemma.Numerics.Backends;
using Stemma.Numerics.Ops;

namespace Stemma.Optimizers;

/// <summary>What Adam and AdamW share: two running means for each weight, and one pass over all of them in a step.</summary>
public abstract class MomentOptimizer : Optimizer
{
    private readonly List<AdamWeight> _pass;

    private protected MomentOptimizer(IReadOnlyList<Parameter> weights, Func<Parameter, bool>? decays) : base(weights, decays, "mean", "variance") => _pass = new(weights.Count);

    /// <summary>One step; the clipping of the gradients happens in the same pass.</summary>
    private protected void Update(Gradients gradients, in AdamArguments arguments)
    {
        using var scope = Memory.Scope();
        for (var i = 0; i < Weights.Count; i++)
            if (gradients.TryGetUnscaled(Weights[i], out var gradient)) _pass.Add(new(Weights[i].Value, gradient.IsContiguous ? gradient : gradient.Detach().Contiguous(), StateOf(i, 0), StateOf(i, 1), Decays[i]));
        WeightUpdates.AdamUpdate(CollectionsMarshal.AsSpan(_pass), arguments);
        _pass.Clear();
    }
}
