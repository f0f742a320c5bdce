using Stemma.Numerics;
using Stemma.Numerics.Autograd;

namespace Stemma.Layers;

/// <summary>One layer of a Transformer: an attention and a feed-forward part, and where their norms and residuals are.</summary>
/// <param name="layer">Its number, from 0.</param>
public abstract class Block(int layer)
{
    /// <summary>Its number, from 0.</summary>
    protected int Layer { get; } = layer;

    /// <summary>Its weights: what a pass that computes it again must know.</summary>
    internal IReadOnlyList<Tensor> Weights { get; set; } = [];

    /// <summary>[rows, hidden] to the same.</summary>
    public Tensor Forward(Tensor x, in Pass pass)
    {
        if (!pass.Checkpointing) return Run(x, pass);
        var same = pass;
        return Checkpointing.Run(input => Run(input, same), x, [.. Weights]);
    }

    /// <summary>What it computes.</summary>
    protected abstract Tensor Compute(Tensor x, in Pass pass);

    private Tensor Run(Tensor x, in Pass pass)
    {
        // What routers do is asked for after the pass.
        using var scope = pass.Balance is null ? pass.Scope() : null;
        x = pass.Observe(Site.ResidualPost, Layer, Compute(pass.Observe(Site.ResidualPre, Layer, x), pass));
        return scope?.Keep(x) ?? x;
    }
}
