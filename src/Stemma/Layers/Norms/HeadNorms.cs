using Stemma.Numerics;
using Stemma.Numerics.Ops;

namespace Stemma.Layers;

/// <summary>A norm of its own for each head (StableLM 2's queries and keys).</summary>
/// <param name="norms">One per head.</param>
public sealed class HeadNorms(IReadOnlyList<Norm> norms) : Norm
{
    /// <inheritdoc/>
    public override Tensor Forward(Tensor x, DType? output)
    {
        if (x.Rank != 3 || x.Shape[1] != norms.Count) throw new ArgumentException($"There are {norms.Count} norms for the heads of {x.Shape}.", nameof(x));
        return TensorOps.Concatenate(1, [.. norms.Select((norm, head) => norm.Forward(x.Slice(1, head, 1), output))]);
    }
}
