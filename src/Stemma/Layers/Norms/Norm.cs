using Stemma.Numerics;

namespace Stemma.Layers;

/// <summary>Brings every row to one scale. Which way, and with which weights, the kind decides.</summary>
public abstract class Norm
{
    /// <summary>Normalises over the last axis.</summary>
    /// <param name="x">[.., size].</param>
    /// <returns>As x.</returns>
    public abstract Tensor Forward(Tensor x);
}
