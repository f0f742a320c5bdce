using System.Text.Json.Nodes;
using Xunit;

namespace Stemma.Tests.Cli;

public sealed class TextCommandTests
{
    [Fact]
    public async Task A_text_is_described_and_drawn()
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(folder["text.txt"], SmallRun.Text);
        var run = await CommandLineRun.Of("text", folder["text.txt"], "--lag", "50", "--figure", folder["lags.svg"], "--json");
        Assert.Equal((0, ""), (run.Code, run.Error));
        var record = JsonNode.Parse(run.Output)!;
        Assert.True((double)record["entropy_rate_bits"]! < (double)record["entropy_bits"]! && (double)record["entropy_bits"]! < (double)record["uniform_bits"]!);
        Assert.True((double)record["stationary_distance"]! < 0.05);
        Assert.Equal(1, (int)record["letters"]!["points"]![0]!["lag"]!);
        Assert.NotEmpty(record["collocations"]!.AsArray());
        Assert.StartsWith("<svg", await File.ReadAllTextAsync(folder["lags.svg"]), StringComparison.Ordinal);
        var lines = await CommandLineRun.WithInput(SmallRun.Text, "text", "-", "--top", "3");
        Assert.Equal(0, lines.Code);
        Assert.Contains(lines.Lines, line => line.StartsWith("Entropy", StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_is_too_short_or_named_wrongly_is_refused()
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(folder["short.txt"], "too short");
        foreach (var (message, args) in ((string, string[])[])[("short.txt holds 9 characters", ["text", folder["short.txt"]]), ("--figure is lags.png", ["text", folder["short.txt"], "--figure", "lags.png"]), ("There is no file or folder nowhere.txt", ["text", "nowhere.txt"])])
        {
            var run = await CommandLineRun.Of(args);
            Assert.Equal(2, run.Code);
            Assert.Contains(message, run.Error, StringComparison.Ordinal);
        }
    }
}
