using System.Text.Json.Serialization;

namespace Stemma.Models.WordEmbeddings;

/// <summary>What a word counts for at a distance from another.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(UniformWeight), "uniform")]
[JsonDerivedType(typeof(HarmonicWeight), "harmonic")]
[JsonDerivedType(typeof(LinearWeight), "linear")]
public abstract record DistanceWeight
{
    /// <summary>The weight.</summary>
    /// <param name="distance">1 for the next word.</param>
    /// <param name="window">The largest distance.</param>
    internal abstract double At(int distance, int window);
}

/// <summary>All words of the window count alike.</summary>
public sealed record UniformWeight : DistanceWeight
{
    internal override double At(int distance, int window) => 1;
}

/// <summary>1 / distance, as in GloVe.</summary>
public sealed record HarmonicWeight : DistanceWeight
{
    internal override double At(int distance, int window) => 1.0 / distance;
}

/// <summary>(window − distance + 1) / window: how often word2vec's windows of random size reach so far.</summary>
public sealed record LinearWeight : DistanceWeight
{
    internal override double At(int distance, int window) => (window - distance + 1.0) / window;
}
