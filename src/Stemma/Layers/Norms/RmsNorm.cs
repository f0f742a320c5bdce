using Stemma.Numerics;
using Stemma.Numerics.Ops;

namespace Stemma.Layers;

/// <summary>Division by the root of the mean square, times a weight: no mean, no bias. Zhang &amp; Sennrich 2019, arXiv:1910.07467.</summary>
/// <param name="weights">Its scope: <c>weight</c>.</param>
/// <param name="size">Channels.</param>
/// <param name="epsilon">Added to the mean square.</param>
public sealed class RmsNorm(IWeights weights, int size, double epsilon) : Norm
{
    /// <summary>[size], starts at 1.</summary>
    public Parameter Weight { get; } = weights.Tensor("weight", [size], new Initializer.Constant(1));

    /// <inheritdoc/>
    public override Tensor Forward(Tensor x, DType? output) => x.RmsNorm(Weight, epsilon, output);
}
