using Stemma.Numerics;
using Stemma.Numerics.Ops;

namespace Stemma.Layers;

/// <summary>Layer normalisation with weight and bias. Ba et al. 2016, arXiv:1607.06450.</summary>
/// <param name="weights">Its scope: <c>weight</c> and <c>bias</c>.</param>
/// <param name="size">Channels.</param>
/// <param name="epsilon">Added to the variance.</param>
public sealed class LayerNorm(IWeights weights, int size, double epsilon) : Norm
{
    /// <summary>[size], starts at 1.</summary>
    public Parameter Weight { get; } = weights.Tensor("weight", [size], new Initializer.Constant(1));

    /// <summary>[size], starts at 0.</summary>
    public Parameter Bias { get; } = weights.Tensor("bias", [size], new Initializer.Constant(0));

    /// <inheritdoc/>
    public override Tensor Forward(Tensor x, DType? output) => x.LayerNorm(Weight, Bias, epsilon, output);
}
