using Stemma.Numerics;

namespace Stemma.Layers;

/// <summary>Turns queries and keys into features whose product stands for exp(q·k): what lets attention add up keys before it knows the query.</summary>
public abstract class FeatureMap
{
    /// <summary>Features of a row.</summary>
    public abstract int Count { get; }

    /// <summary>Features of queries; each row may have a factor of its own, which the division takes out.</summary>
    /// <param name="x">[rows, heads, size].</param>
    /// <returns>[rows, heads, features], not negative.</returns>
    public abstract Tensor Queries(Tensor x);

    /// <summary>Features of keys.</summary>
    /// <param name="x">[rows, heads, size].</param>
    /// <returns>[rows, heads, features], not negative.</returns>
    public abstract Tensor Keys(Tensor x);
}
