using Stemma.Numerics;

namespace Stemma.Layers;

/// <summary>Brings every row to one scale. Which way, and with which weights, the kind decides.</summary>
public abstract class Norm
{
    /// <summary>Normalises over the last axis, for a part to read.</summary>
    /// <param name="x">[.., size].</param>
    /// <returns>As x, stored as <see cref="Device.ActivationType"/>.</returns>
    public Tensor Forward(Tensor x) => Forward(x, x.Device.ActivationType);

    /// <summary>The same, kept as exactly as x: where what comes out is added to, not only read.</summary>
    /// <param name="x">[.., size].</param>
    public Tensor ForResidual(Tensor x) => Forward(x, null);

    /// <summary>Normalises over the last axis.</summary>
    /// <param name="x">[.., size].</param>
    /// <param name="output">How the result is stored; as x when null.</param>
    public abstract Tensor Forward(Tensor x, DType? output);
}
