using Stemma.Numerics;
using Stemma.Numerics.Ops;

namespace Stemma.Layers;

/// <summary><see cref="LayerNorm"/> without weights: mean 0 and variance 1, and no more.</summary>
/// <param name="epsilon">Added to the variance.</param>
public sealed class UnweightedLayerNorm(double epsilon) : Norm
{
    /// <inheritdoc/>
    public override Tensor Forward(Tensor x, DType? output) => x.LayerNorm(null, null, epsilon, output);
}
