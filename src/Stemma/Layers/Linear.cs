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

    /// <summary>residual + dropout(x·Wᵀ + b).</summary>
    /// <param name="residual">[rows, output].</param>
    /// <param name="x">[rows, input].</param>
    /// <param name="probability">0 ≤ p &lt; 1.</param>
    /// <param name="stream">Draws what is dropped.</param>
    /// <returns>[rows, output].</returns>
    public virtual Tensor AddTo(Tensor residual, Tensor x, double probability, RandomStream stream) => residual.AddDropout(Forward(x), probability, stream);
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
    public override Tensor Forward(Tensor x, DType? output = null) => x.Linear(Weight, Bias?.Value, output ?? x.Device.ActivationType);

    /// <inheritdoc/>
    public override Tensor AddTo(Tensor residual, Tensor x, double probability, RandomStream stream) => residual.AddLinear(x, Weight, Bias?.Value, probability, stream);
}
