using Stemma.Numerics;

namespace Stemma.Layers;

/// <summary>Positions as vectors that are added to those of the tokens.</summary>
public abstract class PositionEmbedding
{
    /// <summary>Weights in tables.</summary>
    public virtual long WeightCount => 0;

    /// <summary>Positions that have a vector; null for all.</summary>
    public virtual int? Count => null;

    /// <summary>The vectors of positions: [rows, size].</summary>
    /// <param name="positions">Of each row.</param>
    /// <param name="device">Where they go.</param>
    public abstract Tensor Forward(ReadOnlySpan<int> positions, Device device);
}
