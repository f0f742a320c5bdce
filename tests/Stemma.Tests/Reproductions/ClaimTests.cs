using System.Reflection;
using System.Text.RegularExpressions;
using Stemma.Reporting;
using Stemma.Reproductions;
using Stemma.Tests.Architecture;
using Xunit;

namespace Stemma.Tests.Reproductions;

/// <summary>Every claim can be shown, the short ones hold, and what is written of them is true.</summary>
public sealed partial class ClaimTests
{
    private static readonly ReproductionFolder s_kept = new(Path.Combine(Repository.Root, "docs", "reproductions"));

    public static TheoryData<string> Names => [.. Claims.All.Select(claim => claim.Name)];

    public static TheoryData<string> ShortNames => [.. Claims.All.Where(claim => claim.IsShort).Select(claim => claim.Name)];

    [Theory, MemberData(nameof(ShortNames))]
    public void A_short_claim_holds(string name)
    {
        var claim = Claims.Find(name);
        var measured = claim.Measure(new()).Measurements;
        Assert.True(claim.Holds(measured), string.Join("; ", measured));
    }

    [Theory, MemberData(nameof(Names))]
    public void A_claim_says_what_carries_it_and_how_it_is_shown(string name)
    {
        var claim = Claims.Find(name);
        Assert.Matches(Kebab(), claim.Name);
        Assert.InRange(claim.Year, 1900, 2100);
        Assert.NotEmpty(claim.Bands);
        Assert.All(claim.Bands, band => Assert.True(band.Low < band.High));
        Assert.EndsWith(".", claim.Statement, StringComparison.Ordinal);
        Assert.DoesNotContain('|', claim.Statement + claim.Paper);
        Assert.True(typeof(Claim).Assembly.GetType($"Stemma.{claim.Type}") is not null, $"There is no type Stemma.{claim.Type}.");
        Assert.True(claim.Run is not null || claim.Test.Length > 0, "Neither a measurement nor a test shows it.");
        if (claim.Run is not null) Assert.True(claim.Budget > TimeSpan.Zero);
        if (claim.Test.Length == 0) return;
        var (type, method) = (claim.Test.Split('.')[0], claim.Test.Split('.')[1]);
        var found = typeof(ClaimTests).Assembly.GetTypes().Where(candidate => candidate.Name == type).Select(candidate => candidate.GetMethod(method)).FirstOrDefault(candidate => candidate is not null);
        Assert.True(found?.GetCustomAttribute<FactAttribute>() is not null, $"There is no test {claim.Test}.");
    }

    [Fact]
    public void No_two_claims_share_a_name() => Assert.Equal(Claims.All.Count, Claims.All.Select(claim => claim.Name).Distinct().Count());

    [Fact]
    public void The_page_of_papers_is_what_the_claims_and_their_records_say() => Assert.True(
        Repository.Read("docs/papers.md") == s_kept.Papers(Claims.All), "docs/papers.md is out of date: `stemma reproduce --papers docs/papers.md` writes it.");

    [Fact]
    public void Every_record_belongs_to_a_claim_and_has_its_page()
    {
        foreach (var file in Directory.GetFiles(s_kept.Location, "*.json"))
        {
            var claim = Claims.Find(Path.GetFileNameWithoutExtension(file));
            Assert.NotNull(s_kept.Read(claim));
            Assert.True(File.Exists(s_kept.Page(claim)), $"{claim.Name} has no page.");
        }
    }

    [Theory]
    [InlineData(114.59, true), InlineData(115, true), InlineData(115.01, false), InlineData(double.NaN, false)]
    public void A_number_lies_in_its_band_or_not(double value, bool holds) => Assert.Equal(holds, Made("x", value).Claim.Holds([new("perplexity", value)]));

    [Fact]
    public void What_came_out_is_kept_also_when_it_misses()
    {
        using var folder = new TemporaryFolder();
        var reproductions = new ReproductionFolder(folder["kept"]);
        var (claim, reproduction) = Made("too-much", 120);
        Assert.Null(reproductions.Read(claim));
        var written = reproductions.Write(claim, reproduction, "2 threads");
        var read = reproductions.Read(claim)!;
        Assert.Equal(written.Measurements, read.Measurements);
        Assert.Equal("2 threads", read.Machine);
        var page = File.ReadAllText(reproductions.Page(claim));
        Assert.Contains("| perplexity | ≤ 115 | 120.00 | **misses** |", page, StringComparison.Ordinal);
        Assert.Contains("(figures/curve.svg)", page, StringComparison.Ordinal);
        Assert.True(File.Exists(folder["kept/figures/curve.svg"]));
        Assert.Contains("| [120.00](reproductions/too-much.md): **misses** |", reproductions.Papers([claim]), StringComparison.Ordinal);
        File.WriteAllText(folder["kept/too-much.json"], "{}");
        Assert.Contains("too-much.json", Assert.Throws<ConfigurationException>(() => reproductions.Read(claim)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_measurement_that_leaves_out_what_was_claimed_is_a_fault()
    {
        var claim = Made("empty", 1).Claim with { Run = _ => new() { Measurements = [new("something else", 1)] } };
        Assert.Contains("perplexity", Assert.Throws<InvalidOperationException>(() => claim.Measure(new())).Message, StringComparison.Ordinal);
    }

    private static (Claim Claim, Reproduction Reproduction) Made(string name, double value)
    {
        var chart = new Chart { Title = "Curve", X = new LinearAxis("x"), Y = new LinearAxis("y"), Series = [new LineSeries("a", [(0, 1), (1, 2)])] };
        var reproduction = new Reproduction { Measurements = [new("perplexity", value)], Figures = new Dictionary<string, Figure> { ["curve"] = chart } };
        return (new() { Name = name, Year = 2014, Paper = "Nobody", Statement = "It holds.", Type = "LanguageModel", Bands = [Band.AtMost("perplexity", 115)], Budget = TimeSpan.FromMinutes(1), Run = _ => reproduction }, reproduction);
    }

    [GeneratedRegex("^[a-z0-9]+(-[a-z0-9]+)*$")]
    private static partial Regex Kebab();
}
