using System.Globalization;
using System.Text.Json;
using Stemma.Reporting;

namespace Stemma.Bench;

/// <summary>
/// `curves`: the losses of runs that differ in their precision and seed alone, in one figure: for each precision the mean over its seeds and the
/// band from the lowest to the highest, and whether the difference between precisions is within what seeds make.
/// </summary>
internal static class CurvesBench
{
    // Single batches scatter more than runs differ: the training loss is shown as means over so many steps.
    private const int Window = 25;

    public static int Run(string[] args)
    {
        var options = new Options(args);
        var (folder, output) = (options.Text("--runs", ""), options.Text("--out", "curves.svg"));
        options.RequireAllUsed();
        if (folder.Length == 0) throw new ArgumentException("--runs names a folder of runs, as stemma train --out makes them.");

        var runs = Directory.GetDirectories(folder).Where(run => File.Exists(Path.Combine(run, "metrics.jsonl"))).Order(StringComparer.Ordinal).Select(Read).ToArray();
        if (runs.Length == 0) throw new ArgumentException($"{folder} holds no runs.");
        var groups = runs.GroupBy(run => run.Precision).OrderBy(group => group.Key, StringComparer.Ordinal).ToArray();
        foreach (var run in runs) Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{run.Precision}, seed {run.Seed}: last {run.Training[^1].X:F0} steps, training {run.Training[^1].Y:F4}, validation {run.Validation[^1].Y:F4} nats/token"));
        foreach (var group in groups)
        {
            var last = group.Select(run => run.Validation[^1].Y).ToArray();
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{group.Key}: validation {last.Average():F4} on the average of {last.Length}, {last.Min():F4} to {last.Max():F4}"));
        }
        foreach (var seed in runs.GroupBy(run => run.Seed).Where(seed => seed.Count() == 2))
        {
            var (a, b) = (seed.First(), seed.Last());
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"seed {seed.Key}: {b.Precision} - {a.Precision} = {b.Validation[^1].Y - a.Validation[^1].Y:+0.000000;-0.000000}"));
        }
        new Chart
        {
            Title = "Loss by precision of matrix products",
            Subtitle = string.Join("; ", groups.Select(group => $"{group.Key}: seeds {string.Join(", ", group.Select(run => run.Seed))}")) + $"; bands from lowest to highest; training as means over {Window} steps",
            X = new LinearAxis("step"),
            Y = new LinearAxis("loss (nats per token)"),
            Series =
            [
                .. groups.Select(group => new LineSeries($"{group.Key}, training", Band([.. group.Select(run => run.Training)])) { IsDashed = group.Key != groups[0].Key }),
                .. groups.Select(group => new PointSeries($"{group.Key}, validation", Band([.. group.Select(run => run.Validation)]))),
            ],
        }.SaveSvg(output);
        return 0;
    }

    private static ChartPoint[] Band(ChartPoint[][] runs)
    {
        var count = runs.Min(run => run.Length);
        return [.. Enumerable.Range(0, count).Select(i => new ChartPoint(runs[0][i].X, runs.Average(run => run[i].Y), runs.Min(run => run[i].Y), runs.Max(run => run[i].Y)))];
    }

    private static Curve Read(string folder)
    {
        using var json = JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, "run.json")));
        var (training, validation, sum) = (new List<ChartPoint>(), new List<ChartPoint>(), 0.0);
        foreach (var line in File.ReadLines(Path.Combine(folder, "metrics.jsonl")))
        {
            using var record = JsonDocument.Parse(line);
            var step = record.RootElement.GetProperty("step").GetInt32();
            if (record.RootElement.TryGetProperty("validation_loss", out var evaluation))
            {
                validation.Add(new(step, evaluation.GetDouble()));
                continue;
            }
            sum += record.RootElement.GetProperty("loss").GetDouble();
            if (step % Window != 0) continue;
            training.Add(new(step, sum / Window));
            sum = 0;
        }
        return new(json.RootElement.GetProperty("precision").GetString()!, json.RootElement.GetProperty("seed").GetInt32(), [.. training], [.. validation]);
    }

    private sealed record Curve(string Precision, int Seed, ChartPoint[] Training, ChartPoint[] Validation);
}
