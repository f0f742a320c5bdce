using System.Text.Json;
using Spectre.Console;
using Stemma.Cli.Output;
using Stemma.Numerics.Formats;
using Stemma.Training;

namespace Stemma.Cli.Training;

/// <summary><c>stemma train --lr-range</c>: which learning rates are worth a run.</summary>
internal static class RangeTest
{
    /// <summary>Runs the test and writes <c>lr-range.svg</c> and <c>lr-range.json</c>; no run is kept.</summary>
    public static async Task<int> RunAsync(CommandContext context, TrainRequest request, LearningRateRange range, SessionOptions options, bool json, CancellationToken cancellation)
    {
        var screen = context.Screen(json);
        List<LearningRatePoint> points = [];
        await foreach (var point in range.Run(request.Run!, options, cancellation).ConfigureAwait(false))
        {
            points.Add(point);
            screen.Transient($"[dim]step {points.Count:N0} of {range.Steps:N0}: rate {point.LearningRate:0.0e+0}, loss {point.SmoothedLoss:0.000}[/]");
        }

        screen.ClearTransient();
        if (cancellation.IsCancellationRequested) throw new OperationCanceledException("Stopped; nothing was written.");
        var findings = new LearningRateFindings(points);
        var (figure, record) = (Path.Combine(request.Folder, "lr-range.svg"), Path.Combine(request.Folder, "lr-range.json"));
        findings.ToChart().SaveSvg(figure);
        var text = new StringWriter();
        Json.WriteObject(text, writer => Write(writer, findings, range, figure));
        AtomicFile.WriteText(record, text.ToString());
        if (json)
        {
            context.Output.Write(text.ToString());
            return ExitCode.Success;
        }

        screen.Line($"[bold]Range[/]     {points.Count:N0} of {Quantity.Of(range.Steps, "step")}, learning rate {points[0].LearningRate:0.0e+0} to {points[^1].LearningRate:0.0e+0}{(points.Count < range.Steps ? ", where the loss diverged" : "")}");
        if (findings.SuggestedRate is { } rate)
        {
            screen.Line($"[bold]Falls[/]     fastest at {findings.SteepestRate ?? rate:0.0e+0}; least at {findings.MinimumRate:0.0e+0}, a tenth of it is {findings.TenthOfMinimum:0.0e+0}");
            screen.Line($"[bold]Suggested[/] --set schedule.learning_rate={rate:0.0e+0}");
        }
        else
        {
            screen.Line("The loss falls nowhere in this range. Try a wider one: --lr-range min:max, or more --steps.");
        }

        screen.Line($"Wrote {Markup.Escape(figure)} and {Markup.Escape(record)}.");
        return ExitCode.Success;
    }

    private static void Write(Utf8JsonWriter json, LearningRateFindings findings, LearningRateRange range, string figure)
    {
        Optional("suggested_learning_rate", findings.SuggestedRate);
        Optional("steepest_learning_rate", findings.SteepestRate);
        Optional("minimum_learning_rate", findings.MinimumRate);
        json.WriteNumber("steps", findings.Points.Count);
        json.WriteBoolean("diverged", findings.Points.Count < range.Steps);
        json.WriteString("figure", figure);
        json.WriteStartArray("points");
        foreach (var point in findings.Points)
        {
            json.WriteStartObject();
            json.Number("learning_rate", point.LearningRate);
            json.Number("loss", point.Loss);
            json.Number("smoothed_loss", point.SmoothedLoss);
            json.WriteEndObject();
        }

        json.WriteEndArray();

        void Optional(string name, double? value) => json.Number(name, value ?? double.NaN);
    }
}
