using System.Text.Json.Nodes;
using Xunit;

namespace Stemma.Tests.Cli;

public sealed class LandscapeCommandTests
{
    [Fact]
    public async Task The_loss_around_a_run_is_shown_and_drawn()
    {
        using var folder = new TemporaryFolder();
        await SmallRun.Train(folder);
        string[] args = ["landscape", folder["run"], "--sequences", "4", "--products", "6", "--grid", "5", "--threads", "1"];
        var run = await CommandLineRun.Of([.. args, "--json"]);
        Assert.Equal((0, ""), (run.Code, run.Error));
        var record = JsonNode.Parse(run.Output)!;
        Assert.Equal(3, record["eigenvalues"]!.AsArray().Count);
        Assert.True((double)record["eigenvalues"]![0]!["value"]! >= (double)record["eigenvalues"]![1]!["value"]!);
        Assert.Equal(2 / (double)record["eigenvalues"]![0]!["value"]!, (double)record["stable_learning_rate"]!, 1e-9);
        Assert.Equal(25, record["plane"]!["losses"]!.AsArray().Count);
        // The middle of the plane and of every line is the loss itself.
        Assert.Equal((double)record["loss"]!, (double)record["plane"]!["losses"]![12]!, 1e-6);
        Assert.All(record["lines"]!.AsArray(), line => Assert.Equal((double)record["loss"]!, (double)line!["losses"]![15]!, 1e-6));
        foreach (var file in (string[])["lines.svg", "plane.svg"]) Assert.StartsWith("<svg", await File.ReadAllTextAsync(folder[$"run/landscape/{file}"]), StringComparison.Ordinal);

        var again = await CommandLineRun.Of([.. args, "--json", "--out", folder["elsewhere"]]);
        Assert.Equal(record["eigenvalues"]!.ToJsonString(), JsonNode.Parse(again.Output)!["eigenvalues"]!.ToJsonString());
        var text = await CommandLineRun.Of(["landscape", folder["run"], "--data", folder["text.txt"], "--sequences", "2", "--products", "3", "--grid", "3"]);
        Assert.Equal(0, text.Code);
        Assert.Contains("largest eigenvalues", text.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("There is no folder nowhere.", "landscape", "nowhere")]
    [InlineData("--grid is 4; it must be odd", "landscape", "nowhere", "--grid", "4")]
    [InlineData("--lossy concerns --data", "landscape", "nowhere", "--lossy")]
    public async Task Misuse_is_one_sentence(string message, params string[] args)
    {
        var run = await CommandLineRun.Of(args);
        Assert.Equal(2, run.Code);
        Assert.StartsWith(message, run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_text_shorter_than_the_context_is_refused_and_nothing_is_written()
    {
        using var folder = new TemporaryFolder();
        await SmallRun.Train(folder);
        await File.WriteAllTextAsync(folder["short.txt"], "the river");
        var run = await CommandLineRun.Of("landscape", folder["run"], "--data", folder["short.txt"]);
        Assert.Equal(2, run.Code);
        Assert.Contains("the model's context needs at least 17", run.Error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(folder["run/landscape"]));
    }
}
