using System.Text;
using System.Text.Json;
using Stemma.Numerics.Formats;

namespace Stemma.Reproductions;

/// <summary>A folder of measured claims: of each a record, a page and its figures; and above it the page of all papers.</summary>
/// <param name="location">Where: <c>docs/reproductions</c> in the repository.</param>
public sealed class ReproductionFolder(string location)
{
    /// <summary>Where.</summary>
    public string Location => location;

    /// <summary>The page of a claim.</summary>
    public string Page(Claim claim) => Path.Combine(location, $"{claim.Name}.md");

    /// <summary>Writes what came of a claim.</summary>
    /// <returns>What is kept.</returns>
    public ReproductionRecord Write(Claim claim, Reproduction reproduction, string machine)
    {
        ArgumentNullException.ThrowIfNull(reproduction);
        var record = new ReproductionRecord { Claim = claim.Name, Measurements = reproduction.Measurements, Machine = machine };
        foreach (var (name, figure) in reproduction.Figures) figure.SaveSvg(Path.Combine(location, "figures", $"{name}.svg"));
        AtomicFile.WriteText(Page(claim), PageText(claim, reproduction, machine));
        AtomicFile.WriteText(RecordPath(claim), JsonSerializer.Serialize(record, StemmaJson.Default.ReproductionRecord) + "\n");
        return record;
    }

    /// <summary>What is kept of a claim; null where it was not measured.</summary>
    /// <exception cref="ConfigurationException">The file is not one of these.</exception>
    public ReproductionRecord? Read(Claim claim)
    {
        var path = RecordPath(claim);
        if (!File.Exists(path)) return null;
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllText(path), StemmaJson.Default.ReproductionRecord) is { Measurements: not null } record && record.Claim == claim.Name
                ? record
                : throw new ConfigurationException($"{path} is not the record of {claim.Name}.");
        }
        catch (JsonException error)
        {
            throw new ConfigurationException($"{path} is not the record of a reproduction: {error.Message}");
        }
    }

    /// <summary>The page of all papers: what is claimed, by which type, how it is shown, what came out.</summary>
    /// <param name="claims">In their order.</param>
    public string Papers(IEnumerable<Claim> claims)
    {
        ArgumentNullException.ThrowIfNull(claims);
        var text = new StringBuilder("""
            # Papers

            What the papers say, the type that carries it, how it is shown, the band that was set before anything was measured, and what came
            out. A claim with a command is measured by it (`stemma reproduce` lists them all); short ones are part of the tests, and stand
            without a number here. This page is written by `stemma reproduce --papers docs/papers.md`.

            | year | paper | claim | type | shown by | band | result |
            |---|---|---|---|---|---|---|

            """);
        foreach (var claim in claims)
        {
            var record = Read(claim);
            string[] shown = [claim.Run is null ? "" : $"`{claim.Name}`", claim.Test.Length == 0 ? "" : $"`{claim.Test}`"];
            var bands = claim.Bands.Select(band => $"{band.Measure} {band}");
            var result = record is null ? claim.IsShort || claim.Run is null ? "held by the tests" : "not measured yet"
                : $"[{string.Join("; ", claim.Bands.Select(band => Found(record, band)))}](reproductions/{claim.Name}.md){(claim.Holds(record.Measurements) ? "" : ": **misses**")}";
            text.Append($"| {claim.Year} | {claim.Paper} | {claim.Statement} | `{claim.Type}` | {string.Join(", ", shown.Where(part => part.Length > 0))} | {string.Join("; ", bands)} | {result} |\n");
        }
        return text.ToString().ReplaceLineEndings("\n");
    }

    private static string Found(ReproductionRecord record, Band band) => record.Measurements.FirstOrDefault(measurement => measurement.Name == band.Measure)?.ToString() ?? "–";

    private string RecordPath(Claim claim) => Path.Combine(location, $"{claim.Name}.json");

    private static string PageText(Claim claim, Reproduction reproduction, string machine)
    {
        var text = new StringBuilder($"""
            # {claim.Name}

            {claim.Statement} {claim.Paper}, {claim.Year}.

            ```
            {claim.Command}
            ```

            | measured | band, set before | result | |
            |---|---|---|---|

            """);
        foreach (var measurement in reproduction.Measurements)
        {
            var band = claim.Bands.FirstOrDefault(band => band.Measure == measurement.Name);
            text.Append($"| {measurement.Name} | {band?.ToString() ?? "–"} | {measurement} | {(band is null ? "" : band.Contains(measurement.Value) ? "holds" : "**misses**")} |\n");
        }
        var seeds = claim.Seeds > 1 ? $"Means over {claim.Seeds} seeds, with the least and the greatest. " : "";
        text.Append($"\n{seeds}Measured on {machine}.\n");
        if (reproduction.Notes.Length > 0) text.Append($"\n{reproduction.Notes.TrimEnd()}\n");
        foreach (var (name, figure) in reproduction.Figures) text.Append($"\n![{figure.Title}](figures/{name}.svg)\n");
        return text.ToString().ReplaceLineEndings("\n");
    }
}
