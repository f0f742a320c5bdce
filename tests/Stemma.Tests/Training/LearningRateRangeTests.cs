using System.Text.Json.Nodes;
using Stemma.Models.Gpt2;
using Stemma.Optimizers;
using Stemma.Reporting;
using Stemma.Tests.Cli;
using Stemma.Training;
using Xunit;

namespace Stemma.Tests.Training;

/// <summary>The learning-rate range test: the rates it goes through, where it stops, and what it suggests.</summary>
public sealed class LearningRateRangeTests : IDisposable
{
    private readonly TinyRun _tiny = new();

    [Fact]
    public async Task The_rate_rises_by_equal_factors_from_end_to_end()
    {
        var points = await Points(new(1e-5, 1e-3, 30), _tiny.Run);
        Assert.Equal(30, points.Count);
        Assert.Equal(1e-5, points[0].LearningRate, 1e-12);
        Assert.Equal(1e-3, points[^1].LearningRate, 1e-10);
        var factor = Math.Pow(100, 1.0 / 29);
        for (var i = 1; i < points.Count; i++) Assert.Equal(factor, points[i].LearningRate / points[i - 1].LearningRate, 1e-9);
        // The running mean, without the bias of its beginning.
        Assert.Equal(points[0].Loss, points[0].SmoothedLoss, 1e-12);
        Assert.Equal((0.09 * points[0].Loss + 0.1 * points[1].Loss) / 0.19, points[1].SmoothedLoss, 1e-12);
    }

    [Fact]
    public async Task It_stops_where_the_loss_diverges()
    {
        var run = _tiny.Run with { Optimizer = new SgdConfig(), GradientClip = 0, Model = ((Gpt2Config)_tiny.Run.Model) with { Dropout = 0 } };
        var points = await Points(new(1e-3, 1e6, 200), run);
        Assert.InRange(points.Count, 20, 199);
        Assert.True(points[^1].LearningRate < 1e6);
        var findings = new LearningRateFindings(points);
        Assert.InRange(findings.SuggestedRate!.Value, 1e-3, 100);
        Assert.True(findings.SteepestRate <= findings.MinimumRate);
        Assert.Single(findings.ToChart().Series.OfType<RuleSeries>());
    }

    [Fact]
    public void The_findings_are_those_of_the_curve()
    {
        // A loss that falls by a logistic curve around 10⁻³, is least at 10⁻², and rises.
        var points = Enumerable.Range(0, 121).Select(i =>
        {
            var power = -6 + i / 20.0;
            var loss = 8 - 4 / (1 + Math.Exp(-4 * (power + 3))) + (power > -2 ? 30 * (power + 2) * (power + 2) : 0);
            return new LearningRatePoint(Math.Pow(10, power), loss, loss);
        }).ToArray();
        var findings = new LearningRateFindings(points);
        Assert.Equal(-3, Math.Log10(findings.SteepestRate!.Value), 0.051);
        Assert.Equal(-2, Math.Log10(findings.MinimumRate!.Value), 0.051);
        Assert.Equal(-3, Math.Log10(findings.TenthOfMinimum!.Value), 0.051);
        Assert.Equal(-3, Math.Log10(findings.SuggestedRate!.Value), 0.051);
        Assert.Null(new LearningRateFindings([.. points.Select(point => point with { SmoothedLoss = 8 + point.LearningRate })]).SuggestedRate);
        Assert.Null(new LearningRateFindings([]).SuggestedRate);
    }

    [Fact]
    public async Task A_range_that_is_none_is_refused()
    {
        await Assert.ThrowsAsync<ConfigurationException>(() => Points(new(1e-3, 1e-4), _tiny.Run));
        await Assert.ThrowsAsync<ConfigurationException>(() => Points(new(0, 1), _tiny.Run));
        await Assert.ThrowsAsync<ConfigurationException>(() => Points(new(1e-3, 1, 1), _tiny.Run));
    }

    [Fact]
    public async Task The_command_writes_a_figure_and_numbers_and_keeps_no_run()
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(folder["text.txt"], SmallRun.Text);
        string[] args = ["train", "--data", folder["text.txt"], "--tokenizer", "char", "--preset", "cpu", "--set", "model.hidden_size=16", "--set", "model.context_length=16", "--out", folder["range"], "--lr-range", "1e-5:1", "--steps", "40"];
        var run = await CommandLineRun.Of(args);
        Assert.Equal("", run.Error);
        Assert.Equal(0, run.Code);
        Assert.Contains("--set schedule.learning_rate=", run.Output, StringComparison.Ordinal);
        Assert.Equal(["lr-range.json", "lr-range.svg"], Directory.EnumerateFileSystemEntries(folder["range"]).Select(Path.GetFileName).Order());
        Assert.StartsWith("<svg", await File.ReadAllTextAsync(folder["range/lr-range.svg"]), StringComparison.Ordinal);
        var json = await CommandLineRun.Of([.. args, "--json"]);
        Assert.Equal(json.Output, await File.ReadAllTextAsync(folder["range/lr-range.json"]));
        var record = JsonNode.Parse(json.Output)!;
        Assert.Equal((int)record["steps"]!, record["points"]!.AsArray().Count);
        Assert.Equal(1e-5, (double)record["points"]![0]!["learning_rate"]!, 1e-12);
        Assert.True((double)record["suggested_learning_rate"]! > 1e-5);
    }

    [Theory]
    [InlineData("--lr-range is \"1:1e-6\"; it takes two learning rates above 0", "--lr-range", "1:1e-6")]
    [InlineData("--lr-range is \"fast\"; it takes two learning rates above 0", "--lr-range", "fast")]
    [InlineData("--lr-range trains and --dry-run does not", "--lr-range", "--dry-run")]
    [InlineData("--lr-range brings its own schedule; --set schedule.learning_rate=1", "--lr-range", "--set", "schedule.learning_rate=1")]
    public async Task Misuse_is_one_sentence(string message, params string[] args)
    {
        var run = await CommandLineRun.Of(["train", .. args]);
        Assert.Equal(2, run.Code);
        Assert.StartsWith(message, run.Error, StringComparison.Ordinal);
    }

    public void Dispose() => _tiny.Dispose();

    private static async Task<List<LearningRatePoint>> Points(LearningRateRange range, TrainingRun run)
    {
        List<LearningRatePoint> points = [];
        await foreach (var point in range.Run(run)) points.Add(point);
        return points;
    }
}
