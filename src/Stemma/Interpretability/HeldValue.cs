using Stemma.Layers;
using Stemma.Numerics;

namespace Stemma.Interpretability;

/// <summary>Holds a value inside a model at one number wherever it comes up: what does a gate do, if not this?</summary>
/// <param name="site">What is held.</param>
/// <param name="number">At which number.</param>
public sealed class HeldValue(Site site, double number) : IObserver
{
    private readonly Site _site = site;

    /// <inheritdoc/>
    public Tensor Observe(Site site, int layer, Tensor value)
    {
        ArgumentNullException.ThrowIfNull(value);
        return site == _site ? Tensor.Full(value.Shape, number, value.DType, value.Device) : value;
    }
}
