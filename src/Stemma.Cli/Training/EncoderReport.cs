using System.Diagnostics;
using System.Globalization;
using Spectre.Console;
using Stemma.Cli.Output;
using Stemma.Training;
using Stemma.Training.Encoders;

namespace Stemma.Cli.Training;

/// <summary>The steps of pretraining and fine-tuning an encoder, on the screen or as JSON lines.</summary>
internal static class EncoderReport
{
    /// <summary>Runs the steps and shows them.</summary>
    public static void Show(CommandContext context, Screen screen, bool json, IEnumerable<EncoderStep> steps, int done, int total)
    {
        var (watch, shown, tokens, loss, count) = (Stopwatch.StartNew(), TimeSpan.Zero, 0.0, 0.0, 0);
        screen.Line("[dim]   step    loss    held out                                tokens/s     left[/]");
        foreach (var (step, score) in steps)
        {
            tokens += step.TokensPerSecond * step.Milliseconds / 1000;
            (loss, count) = (loss + step.Loss, count + 1);
            if (json)
            {
                context.Output.WriteLine(TrainingRecords.Line(step));
                if (score is not null) context.Output.WriteLine(TrainingRecords.Line(step.Number, score));
                context.Output.Flush();
            }
            if (score is null && (watch.Elapsed - shown < TimeSpan.FromSeconds(1) || !screen.IsLive)) continue;
            shown = watch.Elapsed;
            var left = Quantity.Clock(watch.Elapsed / (step.Number - done) * (total - step.Number));
            var line = string.Create(CultureInfo.InvariantCulture, $"{step.Number,7:N0} {loss / count,7:0.000}   ");
            if (score is null)
            {
                screen.Transient($"[dim]{line,-58}{tokens / watch.Elapsed.TotalSeconds,10:N0}{left,9}[/]");
                continue;
            }
            var held = string.Create(CultureInfo.InvariantCulture, $"{score.Loss,7:0.000}, {score.MetricName} {score.Metric:0.0000}");
            screen.Line(string.Create(CultureInfo.InvariantCulture, $"{line}{Markup.Escape(held),-40}{tokens / watch.Elapsed.TotalSeconds,10:N0}{left,9}{(step.IsBest ? "  [bold]best[/]" : "")}"));
            (loss, count) = (0, 0);
        }
        screen.ClearTransient();
    }
}
