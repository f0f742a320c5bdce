using System.Text.Json.Nodes;
using Stemma.Reproductions;
using Xunit;

namespace Stemma.Tests.Cli;

public sealed class ReproduceCommandTests
{
    [Fact]
    public async Task It_lists_what_can_be_measured()
    {
        var run = await CommandLineRun.Of("reproduce");
        Assert.Equal(0, run.Code);
        foreach (var claim in Claims.All.Where(claim => claim.Run is not null)) Assert.Contains(claim.Name, run.Output, StringComparison.Ordinal);
        var json = await CommandLineRun.Of("reproduce", "--json");
        Assert.Equal(Claims.All.Where(claim => claim.Run is not null).Select(claim => claim.Name), json.Lines.Select(line => (string)JsonNode.Parse(line)!["claim"]!));
    }

    [Fact]
    public async Task It_measures_a_claim_and_writes_record_page_figure_and_papers()
    {
        using var folder = new TemporaryFolder();
        var run = await CommandLineRun.Of("reproduce", "gradient-lag", "--out", folder["kept"], "--papers", folder["papers.md"], "--json", "--threads", "1");
        Assert.Equal(0, run.Code);
        var record = JsonNode.Parse(Assert.Single(run.Lines))!;
        Assert.True((bool)record["holds"]!);
        Assert.Equal(3, record["measurements"]!.AsArray().Count);
        foreach (var file in (string[])["kept/gradient-lag.json", "kept/gradient-lag.md", "kept/figures/gradient-lag.svg", "papers.md"]) Assert.True(File.Exists(folder[file]), file);
        Assert.Contains("(reproductions/gradient-lag.md)", await File.ReadAllTextAsync(folder["papers.md"]), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("gradient-lak", "There is no claim gradient-lak. Did you mean gradient-lag?")]
    public async Task What_it_cannot_do_it_says_in_a_sentence(string claim, string message)
    {
        using var folder = new TemporaryFolder();
        var run = await CommandLineRun.Of("reproduce", claim, "--out", folder["kept"]);
        Assert.Equal(2, run.Code);
        Assert.Contains(message, run.Error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(folder["kept"]));
    }
}
