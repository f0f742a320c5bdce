using Stemma.Numerics;
using Stemma.Numerics.Ops;

namespace Stemma.Layers;

/// <summary>A linear map of rows. What kind it is (dense, adapted, quantised), the weights decide.</summary>
public abstract class Linear
{
    /// <summary>x·Wᵀ + b.</summary>
    /// <param name="x">[rows, input].</param>
    /// <param name="output">How the result is stored; <see cref="Device.ActivationType"/> when null.</param>
    /// <returns>[rows, output].</returns>
    public abstract Tensor Forward(Tensor x, DType? output = null);
}

/// <summary>A linear layer that holds its weight as it is.</summary>
/// <param name="weight">[output, input].</param>
/// <param name="bias">[output], or none.</param>
public sealed class DenseLinear(Parameter weight, Parameter? bias) : Linear
{
    /// <summary>[output, input].</summary>
    public Parameter Weight { get; } = weight;

    /// <summary>[output], or none.</summary>
    public Parameter? Bias { get; } = bias;

    /// <inheritdoc/>
    public override Tensor Forward(Tensor x, DType? output = null) => x.Linear(Weight, Bias is null ? null : (Tensor)Bias, output ?? x.Device.ActivationType);
}
