using System.Text.Json.Serialization;

namespace Stemma.Layers;

/// <summary><see cref="NtkRotaryScaling"/> by as much as the sequence needs, and not at all up to the trained length (emozilla 2023; arXiv:2309.00071, section 3.3).</summary>
/// <remarks>Keys that a cache holds keep the angles of the length at which they came.</remarks>
public sealed record DynamicRotaryScaling : RotaryScaling
{
    /// <summary>How strongly the base grows with the length.</summary>
    public double Factor { get; init; } = 2;

    /// <inheritdoc/>
    [JsonIgnore]
    public override bool DependsOnLength => true;

    /// <inheritdoc/>
    public override (double[] Frequencies, double Factor) Frequencies(double theta, int size, int contextLength, int length)
    {
        var stretch = Factor * Math.Max(length, contextLength) / contextLength - (Factor - 1);
        return (Plain(theta * Math.Pow(stretch, (double)size / (size - 2)), size), 1);
    }

    /// <inheritdoc/>
    public override void Validate(string path, int size)
    {
        RequireFactor(Factor, path);
        if (size <= 2) throw new ConfigurationException($"{path}.kind is dynamic, which needs more than 2 channels that turn; there are {size}.");
    }
}
