using Stemma.Numerics;
using Stemma.Numerics.Autograd;
using Stemma.Numerics.Ops;

namespace Stemma.Layers;

/// <summary>One layer of a Transformer: an attention and a feed-forward part, and, as its kind decides, where their norms and residuals are.</summary>
/// <param name="layer">Its number, from 0.</param>
/// <param name="source">What reads a source, in the blocks of a decoder that has one.</param>
public abstract class Block(int layer, SourcePart? source = null)
{
    /// <summary>Its number, from 0.</summary>
    protected int Layer { get; } = layer;

    /// <summary>Its attention to a source; null where it reads none.</summary>
    public SourceAttention? SourceAttention { get; } = source?.Attention;

    /// <summary>Its weights: what a pass that computes it again must know.</summary>
    internal IReadOnlyList<Tensor> Weights { get; private set; } = [];

    /// <summary>Builds a block and notes the weights that it has asked for.</summary>
    /// <param name="weights">Where it takes them.</param>
    /// <param name="build">Builds it.</param>
    /// <param name="shared">Weights that were asked for before and that it reads too.</param>
    internal static Block Build(IWeights weights, Func<Block> build, params ReadOnlySpan<Tensor> shared)
    {
        var first = weights.All.Count;
        var block = build();
        block.Weights = [.. shared, .. weights.All.Skip(first).Select(weight => weight.Value)];
        return block;
    }

    /// <summary>[rows, hidden] to the same.</summary>
    /// <param name="x">[rows, hidden].</param>
    /// <param name="pass">Layout, cache, dropout, observer.</param>
    /// <param name="source">What <see cref="SourceAttention"/> remembers of the sources.</param>
    /// <param name="bias">What all blocks of the model add to scores by distance, computed once for the pass.</param>
    public Tensor Forward(Tensor x, in Pass pass, SourceKeys? source = null, DistanceBias? bias = null)
    {
        if (SourceAttention is not null) ArgumentNullException.ThrowIfNull(source);
        // What comes from outside of the block would get no gradient from a block that is computed again.
        if (!pass.Checkpointing || source is not null || bias is not null) return Run(x, source, bias, pass);
        var same = pass;
        return Checkpointing.Run(input => Run(input, null, null, same), x, [.. Weights]);
    }

    /// <summary>Keys of its text that a query reads, in the mean over a sequence that is read from left to right, its own counted half: what attention's operations grow with.</summary>
    /// <param name="length">Positions of the sequence.</param>
    internal abstract double KeysPerQuery(int length);

    /// <summary>What it computes.</summary>
    protected abstract Tensor Compute(Tensor x, SourceKeys? source, DistanceBias? bias, in Pass pass);

    private Tensor Run(Tensor x, SourceKeys? source, DistanceBias? bias, in Pass pass)
    {
        // What routers do is asked for after the pass.
        using var scope = pass.Balance is null ? pass.Scope() : null;
        x = pass.Observe(Site.ResidualPost, Layer, Compute(pass.Observe(Site.ResidualPre, Layer, x), source, bias, pass));
        return scope?.Keep(x) ?? x;
    }
}

/// <summary>What reads a source between the two halves of a block, and its norm. Vaswani et al. 2017, arXiv:1706.03762, section 3.1.</summary>
/// <param name="Attention">To the source.</param>
/// <param name="Norm">Before or after it, as the block has its others.</param>
public sealed record SourcePart(SourceAttention Attention, Norm Norm);
