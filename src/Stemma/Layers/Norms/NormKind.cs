using System.Text.Json.Serialization;

namespace Stemma.Layers;

/// <summary>The norms that a configuration may name.</summary>
public enum NormKind
{
    /// <summary><see cref="LayerNorm"/>.</summary>
    [JsonStringEnumMemberName("layer-norm")]
    LayerNorm,

    /// <summary><see cref="RmsNorm"/>.</summary>
    [JsonStringEnumMemberName("rms-norm")]
    RmsNorm,
}

/// <summary>From a name to the part.</summary>
public static class NormKinds
{
    /// <summary>A norm of a kind.</summary>
    /// <param name="kind">Which.</param>
    /// <param name="weights">Its scope.</param>
    /// <param name="size">Channels.</param>
    /// <param name="epsilon">Its ε.</param>
    public static Norm Build(this NormKind kind, IWeights weights, int size, double epsilon) => kind switch
    {
        NormKind.LayerNorm => new LayerNorm(weights, size, epsilon),
        NormKind.RmsNorm => new RmsNorm(weights, size, epsilon),
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "Unknown norm."),
    };
}
