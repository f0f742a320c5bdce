namespace Stemma.Reproductions;

/// <summary>
/// What a paper says and this library shows: the numbers that must come out, and how they are found. A claim with a
/// <see cref="Run"/> is measured by <c>stemma reproduce</c>, and by the tests when it is short; the others by the test that they name.
/// </summary>
public sealed record Claim
{
    /// <summary>What a person types: small letters, digits and hyphens.</summary>
    public required string Name { get; init; }

    /// <summary>The paper's year.</summary>
    public required int Year { get; init; }

    /// <summary>Authors and where it is found: <c>Zaremba et al., arXiv:1409.2329</c>.</summary>
    public required string Paper { get; init; }

    /// <summary>What is claimed, in a sentence.</summary>
    public required string Statement { get; init; }

    /// <summary>The type that carries it, from the library's root: <c>Layers.Recurrent.Lstm</c>.</summary>
    public required string Type { get; init; }

    /// <summary>What must come out.</summary>
    public required IReadOnlyList<Band> Bands { get; init; }

    /// <summary>Over how many seeds.</summary>
    public int Seeds { get; init; } = 1;

    /// <summary>About what it takes on two cores; at most ten seconds make it a part of the tests.</summary>
    public TimeSpan Budget { get; init; }

    /// <summary>Files that it reads, from the folder of data.</summary>
    public IReadOnlyList<string> Data { get; init; } = [];

    /// <summary>Measures it; null where a test does.</summary>
    public Func<ReproductionContext, Reproduction>? Run { get; init; }

    /// <summary>The test that holds it, as <c>Class.Method</c>; empty where the claim's own measurement is the only one.</summary>
    public string Test { get; init; } = "";

    /// <summary>Whether the tests measure it whole.</summary>
    public bool IsShort => Run is not null && Budget <= TimeSpan.FromSeconds(10) && Data.Count == 0;

    /// <summary>What a person types to see it; empty where only a test shows it.</summary>
    public string Command => Run is null ? "" : $"stemma reproduce {Name}{(Data.Count > 0 ? " --data data" : "")}";

    /// <summary>Measures it.</summary>
    /// <exception cref="ConfigurationException">Nothing can be measured, or a file is missing: said before any work.</exception>
    public Reproduction Measure(ReproductionContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        if (Run is null) throw new ConfigurationException($"{Name} is held by the test {Test} and is not measured by itself.");
        foreach (var file in Data) context.Data(file);
        var reproduction = Run(context);
        var missing = Bands.Where(band => reproduction.Measurements.All(measurement => measurement.Name != band.Measure)).Select(band => band.Measure).ToArray();
        return missing.Length == 0 ? reproduction : throw new InvalidOperationException($"{Name} measured no {string.Join(", ", missing)}.");
    }

    /// <summary>Whether measurements lie in the bands.</summary>
    public bool Holds(IReadOnlyList<Measurement> measurements) =>
        Bands.All(band => measurements.Any(measurement => measurement.Name == band.Measure && band.Contains(measurement.Value)));
}
