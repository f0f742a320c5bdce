using System.Globalization;
using Stemma.Reporting;

namespace Stemma.Reproductions;

/// <summary>A number that came out.</summary>
/// <param name="Name">What was measured, as in the claim's bands.</param>
/// <param name="Value">The number.</param>
/// <param name="Low">The lower end of its interval, where there is one.</param>
/// <param name="High">The upper end.</param>
public sealed record Measurement(string Name, double Value, double? Low = null, double? High = null)
{
    /// <summary>The mean of some seeds' values, and the range of them.</summary>
    public static Measurement OfSeeds(string name, IReadOnlyCollection<double> values) =>
        values.Count == 1 ? new(name, values.First()) : new(name, values.Average(), values.Min(), values.Max());

    /// <summary>Four figures, with the interval: <c>0.0012 (0.0008 to 0.0021)</c>.</summary>
    public override string ToString() => Low is { } low && High is { } high ? $"{Text(Value)} ({Text(low)} to {Text(high)})" : Text(Value);

    private static string Text(double value) => Math.Abs(value) switch
    {
        0 => "0",
        < 1e-4 => value.ToString("0.0e+0", CultureInfo.InvariantCulture),
        < 1 => value.ToString("0.0000", CultureInfo.InvariantCulture),
        < 10 => value.ToString("0.000", CultureInfo.InvariantCulture),
        < 1000 => value.ToString("0.00", CultureInfo.InvariantCulture),
        _ => value.ToString("N0", CultureInfo.InvariantCulture),
    };
}

/// <summary>What came of measuring a claim.</summary>
public sealed record Reproduction
{
    /// <summary>At least those of the claim's bands.</summary>
    public required IReadOnlyList<Measurement> Measurements { get; init; }

    /// <summary>Figures by name: the name becomes that of a file.</summary>
    public IReadOnlyDictionary<string, Figure> Figures { get; init; } = new Dictionary<string, Figure>();

    /// <summary>What else a reader must know, as Markdown: the recipe, a curve.</summary>
    public string Notes { get; init; } = "";
}

/// <summary>What is kept of a measured claim: <c>docs/reproductions/NAME.json</c>.</summary>
public sealed record ReproductionRecord
{
    /// <summary>The claim's name.</summary>
    public required string Claim { get; init; }

    /// <summary>What came out.</summary>
    public required IReadOnlyList<Measurement> Measurements { get; init; }

    /// <summary>What it ran on.</summary>
    public required string Machine { get; init; }
}
