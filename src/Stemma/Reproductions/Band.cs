using System.Globalization;

namespace Stemma.Reproductions;

/// <summary>Where a measured number must lie for a claim to hold. Fixed before anything is measured.</summary>
/// <param name="Measure">What is measured; a claim's measurements carry the same names.</param>
/// <param name="Low">The least value that holds.</param>
/// <param name="High">The greatest value that holds.</param>
public sealed record Band(string Measure, double Low, double High)
{
    /// <summary>A number that may not be greater.</summary>
    public static Band AtMost(string measure, double high) => new(measure, double.NegativeInfinity, high);

    /// <summary>A number that may not be smaller.</summary>
    public static Band AtLeast(string measure, double low) => new(measure, low, double.PositiveInfinity);

    /// <summary>Whether a value holds.</summary>
    public bool Contains(double value) => value >= Low && value <= High;

    /// <summary>The band in signs: <c>≤ 128</c>, <c>≥ 79</c>, <c>0.1 to 0.4</c>.</summary>
    public override string ToString() => (double.IsFinite(Low), double.IsFinite(High)) switch
    {
        (false, _) => string.Create(CultureInfo.InvariantCulture, $"≤ {High:0.######}"),
        (_, false) => string.Create(CultureInfo.InvariantCulture, $"≥ {Low:0.######}"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{Low:0.######} to {High:0.######}"),
    };
}
