using System.Text.Json.Serialization;

namespace Stemma.Numerics;

/// <summary>What the factors of a matrix product are rounded to before they are multiplied; sums are always float32.</summary>
public enum ComputePrecision
{
    /// <summary>Not rounded.</summary>
    [JsonStringEnumMemberName("float32")]
    Float32,

    /// <summary>Rounded to bfloat16, as tile units of processors and tensor cores do. Weights stay float32.</summary>
    [JsonStringEnumMemberName("bfloat16")]
    BFloat16,
}
