using Stemma.Numerics;
using Stemma.Numerics.Ops;

namespace Stemma.Layers;

/// <summary><see cref="RmsNorm"/> times 1 + weight, so that weight decay pulls towards 1. Gemma Team 2024, arXiv:2403.08295.</summary>
/// <param name="weights">Its scope: <c>weight</c>.</param>
/// <param name="size">Channels.</param>
/// <param name="epsilon">Added to the mean square.</param>
public sealed class OffsetRmsNorm(IWeights weights, int size, double epsilon) : Norm
{
    /// <summary>[size], starts at 0.</summary>
    public Parameter Weight { get; } = weights.Tensor("weight", [size], new Initializer.Constant(0));

    /// <inheritdoc/>
    public override Tensor Forward(Tensor x, DType? output) => x.RmsNorm(Weight.Value + 1, epsilon, output);
}
