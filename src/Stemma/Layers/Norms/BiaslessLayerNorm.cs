using Stemma.Numerics;
using Stemma.Numerics.Ops;

namespace Stemma.Layers;

/// <summary><see cref="LayerNorm"/> with a weight and no bias, as MPT has it.</summary>
/// <param name="weights">Its scope: <c>weight</c>.</param>
/// <param name="size">Channels.</param>
/// <param name="epsilon">Added to the variance.</param>
public sealed class BiaslessLayerNorm(IWeights weights, int size, double epsilon) : Norm
{
    /// <summary>[size], starts at 1.</summary>
    public Parameter Weight { get; } = weights.Tensor("weight", [size], new Initializer.Constant(1));

    /// <inheritdoc/>
    public override Tensor Forward(Tensor x, DType? output) => x.LayerNorm(Weight, null, epsilon, output);
}
