using Stemma.Layers;
using Stemma.Numerics;

namespace Stemma.Interpretability;

/// <summary>Holds a value inside a model at one number wherever it comes up: what does a gate do, if not this?</summary>
/// <param name="site">What is held.</param>
/// <param name="value">At which number.</param>
public sealed class HeldValue(Site site, double value) : IObserver
{
    private readonly Site _site = site;

    /// <inheritdoc/>
    public Tensor Observe(Site site, int layer, Tensor found)
    {
        ArgumentNullException.ThrowIfNull(found);
        return site == _site ? Tensor.Full(found.Shape, value, found.DType, found.Device) : found;
    }
}
