using Stemma.Numerics;
using Stemma.Numerics.Ops;

namespace Stemma.Layers;

/// <summary>Positions as something that attention adds to its scores for the distance between query and key.</summary>
public abstract class PositionBias
{
    /// <summary>The bias at all distances between positions of sequences up to a length.</summary>
    /// <param name="length">Of the longest sequence: distances −(length − 1) … length − 1.</param>
    /// <param name="device">Where the table goes.</param>
    public abstract DistanceBias Forward(int length, Device device);
}
