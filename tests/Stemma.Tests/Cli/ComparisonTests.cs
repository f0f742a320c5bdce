using System.Text.Json.Nodes;
using Xunit;

namespace Stemma.Tests.Cli;

/// <summary>Two models, or two systems, and how sure the difference is.</summary>
public sealed class ComparisonTests
{
    [Fact]
    public async Task Evaluation_against_another_model_tests_the_difference()
    {
        using var folder = new TemporaryFolder();
        await SmallRun.Train(folder);
        await File.WriteAllTextAsync(folder["long.txt"], string.Concat(Enumerable.Repeat(SmallRun.Text, 6)));
        var better = await CommandLineRun.Of(["train", .. SmallRun.Options(folder["text.txt"], folder["better"], steps: 60), "--set", "evaluation_interval=60", "--set", "schedule.learning_rate=0.01"]);
        Assert.Equal(0, better.Code);
        var run = await CommandLineRun.Of("eval", folder["better"], "--data", folder["long.txt"], "--against", folder["run"], "--json");
        Assert.Equal((0, ""), (run.Code, run.Error));
        var record = JsonNode.Parse(run.Output)!;
        var against = record["against"]!;
        Assert.True((double)against["difference"]! < 0);
        Assert.True((double)against["difference_high"]! < 0);
        Assert.Equal((double)record["bits_per_byte"]! - (double)against["bits_per_byte"]!, (double)against["difference"]!, 1e-9);
        Assert.True((double)against["t_p_value"]! < 0.05);
        Assert.InRange((double)against["wilcoxon_p_value"]!, 0, 0.1);
        var same = await CommandLineRun.Of("eval", folder["run"], "--against", folder["run"]);
        Assert.Contains("0.0000 against", same.Output, StringComparison.Ordinal);
        Assert.Contains("Nothing says how sure that is", same.Output, StringComparison.Ordinal);   // the held-out text is short
        var none = await CommandLineRun.Of("eval", folder["run"], "--against", folder["nowhere"]);
        Assert.Equal(2, none.Code);
        Assert.StartsWith("There is no folder", none.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Labels_are_tested_by_mcnemar_and_answers_scored()
    {
        using var folder = new TemporaryFolder();
        string[] right = [.. Enumerable.Range(0, 40).Select(i => $"class {i % 3}")];
        await File.WriteAllLinesAsync(folder["right.txt"], right);
        await File.WriteAllLinesAsync(folder["good.txt"], right.Select((label, i) => i < 36 ? label : "other"));
        await File.WriteAllLinesAsync(folder["bad.txt"], right.Select((label, i) => i % 2 == 0 ? label : "other"));
        var run = await CommandLineRun.Of("score", folder["good.txt"], "--reference", folder["right.txt"], "--against", folder["bad.txt"], "--metric", "accuracy", "--json");
        Assert.Equal((0, ""), (run.Code, run.Error));
        var record = JsonNode.Parse(run.Output)!;
        Assert.Equal((90.0, 50.0), ((double)record["score"]!, (double)record["against"]!));
        // 18 that the first alone has, 2 that the second alone has: two sides of a fair coin thrown twenty times.
        Assert.Equal(2 * (1 + 20 + 190) / Math.Pow(2, 20), (double)record["mcnemar_p_value"]!, 1e-9);
        var shown = await CommandLineRun.Of("score", folder["good.txt"], "--reference", folder["right.txt"], "--against", folder["bad.txt"], "--metric", "accuracy", "wer");
        Assert.Contains("McNemar p < 0.001", shown.Output, StringComparison.Ordinal);
        Assert.Contains("Wilcoxon p", shown.Output, StringComparison.Ordinal);

        await File.WriteAllLinesAsync(folder["answers.txt"], ["The Eiffel Tower!", "in 1889"]);
        await File.WriteAllLinesAsync(folder["accepted.txt"], ["eiffel tower", "1889"]);
        var answers = (await CommandLineRun.Of("score", folder["answers.txt"], "--reference", folder["accepted.txt"], "--metric", "exact", "f1", "--json")).Lines.Select(line => (double)JsonNode.Parse(line)!["score"]!).ToArray();
        Assert.Equal([50, 100 * (1 + 2.0 / 3) / 2], answers, (x, y) => Math.Abs(x - y) < 1e-9);
    }

    [Fact]
    public async Task What_a_rank_is_worth_is_measured_on_a_run()
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(folder["text.txt"], SmallRun.Text);
        Assert.Equal(0, (await CommandLineRun.Of(["train", .. SmallRun.Options(folder["text.txt"], folder["run"], steps: 30)])).Code);
        var run = await CommandLineRun.Of("info", folder["run"], "--low-rank", folder["rank.svg"], "--json");
        Assert.Equal((0, ""), (run.Code, run.Error));
        var rows = JsonNode.Parse(run.Output)!["low_rank"]!.AsArray();
        Assert.Equal(14, rows.Count);
        var full = JsonNode.Parse((await CommandLineRun.Of("eval", folder["run"], "--json")).Output)!;
        foreach (var row in rows.Where(row => (double)row!["rank_share"]! == 1)) Assert.Equal((double)full["perplexity"]!, (double)row!["perplexity"]!, 1e-3 * (double)full["perplexity"]!);
        Assert.True((double)rows[6]!["error"]! > (double)rows[1]!["error"]!);
        Assert.StartsWith("<svg", await File.ReadAllTextAsync(folder["rank.svg"]), StringComparison.Ordinal);
        foreach (var (message, args) in ((string, string[])[])[("--low-rank is rank.png", [folder["run"], "--low-rank", "rank.png"]), ("--low-rank is that of a model's matrices", [folder["text.txt"], "--low-rank", "rank.svg"]), ("--low-rank writes a figure of its own", [folder["run"], "--low-rank", "rank.svg", "--norms"])])
        {
            var refused = await CommandLineRun.Of(["info", .. args]);
            Assert.Equal(2, refused.Code);
            Assert.StartsWith(message, refused.Error, StringComparison.Ordinal);
        }
    }
}
