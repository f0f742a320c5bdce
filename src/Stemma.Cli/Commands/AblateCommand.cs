using System.CommandLine;
using System.Globalization;
using Spectre.Console;
using Stemma.Ablations;
using Stemma.Cli.Output;
using Stemma.Cli.Training;
using Stemma.Evaluation.Statistics;
using Stemma.Numerics;
using Stemma.Numerics.Formats;
using Stemma.Training;

namespace Stemma.Cli.Commands;

/// <summary><c>stemma ablate</c>: what a choice of parts is worth, over seeds, with intervals and tests.</summary>
internal static class AblateCommand
{
    public static Command Create(CommandContext context)
    {
        var file = new Argument<string>("study") { Description = "A JSON file: a base run, variants, seeds (docs/studies has examples)." };
        var data = new Option<string>("--data") { Description = "The text, in the place of the one that the study names.", HelpName = "text" };
        var target = new Option<string>("--out") { Description = "Where the runs go. A study that was stopped goes on there. [default: runs/ablate-<name>]", HelpName = "folder" };
        var page = new Option<string>("--page") { Description = "Write the table as a page, its figure and its record into figures and results beside it.", HelpName = "file.md" };
        var dryRun = new Option<bool>("--dry-run") { Description = "Show what each variant is, its weights and its operations, and stop." };
        var (threads, json) = (Options.Threads(), Options.Json());
        var command = new Command("ablate", "Compare variants of a run on the same tokens: one table, with intervals and tests.") { file, data, target, page, dryRun, threads, json };
        command.SetAction(async (parsed, cancellation) =>
        {
            var path = parsed.GetValue(file)!;
            if (!File.Exists(path)) throw new MisuseException($"There is no file {path}.");
            var study = AblationStudy.Read(await File.ReadAllTextAsync(path, cancellation).ConfigureAwait(false), path);
            if (parsed.GetValue(dryRun)) return Plan(context, study, parsed.GetValue(json));
            var folder = parsed.GetValue(target) ?? Path.Combine("runs", $"ablate-{study.Name}");
            return await RunAsync(context, study, path, parsed.GetValue(data), folder, parsed.GetValue(page), parsed.GetValue(threads), parsed.GetValue(json), cancellation).ConfigureAwait(false);
        });
        return command;
    }

    private static int Plan(CommandContext context, AblationStudy study, bool json)
    {
        var screen = context.Screen(json);
        List<string[]> rows = [];
        foreach (var variant in study.Variants)
        {
            var run = study.RunOf(variant, study.Seeds[0]);
            // Without the text the vocabulary is not known; what a tokenizer has is close to it, and the same for all.
            var vocab = run.Model.VocabSize > 0 ? run.Model.VocabSize : run.Tokenizer is BpeTokenizerConfig bpe ? bpe.VocabSize : UsualCharacters;
            var plan = TrainingPlan.Of(run with { Model = run.Model with { VocabSize = vocab } });
            rows.Add([variant.Name, $"{plan.ParameterCount:N0}", string.Create(CultureInfo.InvariantCulture, $"{plan.FlopsPerStep / plan.TokensPerStep / 1e6:0.00}"), $"{plan.TokensPerStep * plan.Steps:N0}", variant.Changes]);
            if (json)
            {
                Json.WriteObject(context.Output, writer =>
                {
                    writer.WriteString("variant", variant.Name);
                    writer.WriteNumber("parameters", plan.ParameterCount);
                    writer.Number("flops_per_token", plan.FlopsPerStep / plan.TokensPerStep);
                    writer.WriteNumber("tokens", plan.TokensPerStep * plan.Steps);
                    writer.WriteString("changes", variant.Changes);
                });
            }
        }
        screen.Line(Markup.Escape(study.Question));
        screen.Table(["variant", "weights", "MFLOP/token", "tokens", "what is another"], [.. rows], 1, 2, 3);
        screen.Line($"{Quantity.Of(study.Seeds.Count, "seed")} each.");
        return ExitCode.Success;
    }

    private const int UsualCharacters = 96;

    private static async Task<int> RunAsync(CommandContext context, AblationStudy study, string path, string? data, string folder, string? page, int threads, bool json, CancellationToken cancellation)
    {
        var screen = context.Screen(json);
        var options = new SessionOptions { Threads = threads, Progress = new PreparationProgress(screen) };
        using var session = await Task.Run(() => AblationSession.Open(data is null ? study : study.WithData(data), folder, options, cancellation), CancellationToken.None).ConfigureAwait(false);
        screen.ClearTransient();
        screen.Line(Markup.Escape(study.Question));
        screen.Line($"[dim]{Markup.Escape($"{session.Data.Name}: {session.Data.TrainTokens:N0} tokens, {session.Data.ValidationBytes:N0} bytes held out; {Quantity.Of(study.Variants.Count, "variant")} × {Quantity.Of(study.Seeds.Count, "seed")}. Ctrl-C saves; the same command goes on.")}[/]");
        List<AblationResult> results = [];
        try
        {
            await foreach (var result in session.Results(new Progress(screen), cancellation).ConfigureAwait(false))
            {
                results.Add(result);
                screen.ClearTransient();
                var bits = string.Join("  ", result.Readings.Select(reading => reading.BitsPerByte is { } found ? string.Create(CultureInfo.InvariantCulture, $"{found:0.000}") : "–"));
                screen.Line(Markup.Escape(string.Create(CultureInfo.InvariantCulture, $"{result.Variant}, seed {result.Seed}: {bits} bits/byte, {result.Seconds:0} s{(result.Failure is null ? "" : $" ({result.Failure})")}")));
            }
        }
        catch (OperationCanceledException)
        {
            screen.Line($"Stopped after {Quantity.Of(results.Count, "run")}, saved. The same command goes on in {Markup.Escape(folder)}.");
            return ExitCode.Failed;
        }
        var rows = AblationRow.Table(study, results);
        screen.Line();
        screen.Table(["variant", "weights", "bits/byte", "difference", "test", ""], [.. rows.Select(Cells)], 1, 2, 3);
        if (json)
            foreach (var row in rows) Write(context, study, row, results);
        if (page is not null)
        {
            var machine = string.Create(CultureInfo.InvariantCulture, $"{Quantity.Of(Device.CreateCpu(threads).ThreadCount, "thread")}, {ProcessorLevels.Current.Name()}, float32");
            var record = new AblationRecord { Study = study, Machine = machine, HeldOutBytes = session.Data.ValidationBytes, Results = results };
            new AblationPage(record, $"stemma ablate {path.Replace('\\', '/')} --page {page.Replace('\\', '/')}").Save(page);
            screen.Line($"Page: {Markup.Escape(page)}");
        }
        return ExitCode.Success;
    }

    private static string[] Cells(AblationRow row) =>
    [
        row.Variant.Name,
        $"{row.Parameters:N0}",
        row.Readings[0].Count == 0 ? "–" : string.Create(CultureInfo.InvariantCulture, $"{row.Readings[0].Mean:0.000}"),
        row.Difference is { } difference ? string.Create(CultureInfo.InvariantCulture, $"{difference.Mean:+0.0000;−0.0000} ({difference.Low:+0.0000;−0.0000} to {difference.High:+0.0000;−0.0000})") : "",
        row.Test is { } test ? $"t {PairedTests.PValue(test.PValue)}" : "",
        row.Diverged > 0 ? $"{row.Verdict}; {row.Diverged} diverged" : row.Verdict,
    ];

    private static void Write(CommandContext context, AblationStudy study, AblationRow row, List<AblationResult> results) => Json.WriteObject(context.Output, writer =>
    {
        writer.WriteString("study", study.Name);
        writer.WriteString("variant", row.Variant.Name);
        writer.WriteNumber("parameters", row.Parameters);
        writer.Number("flops_per_token", row.FlopsPerToken);
        writer.WriteStartArray("readings");
        foreach (var (i, reading) in row.Readings.Index())
        {
            writer.WriteStartObject();
            writer.WriteNumber("length", results.First(result => result.Variant == row.Variant.Name).Readings[i].Length);
            writer.Number("bits_per_byte", reading.Mean);
            writer.Number("low", reading.Low);
            writer.Number("high", reading.High);
            writer.WriteEndObject();
        }
        writer.WriteEndArray();
        writer.WriteStartObject("seeds");
        foreach (var result in results.Where(result => result.Variant == row.Variant.Name)) writer.Number(result.Seed.ToString(CultureInfo.InvariantCulture), result.Readings[0].BitsPerByte ?? double.NaN);
        writer.WriteEndObject();
        writer.WriteNumber("diverged", row.Diverged);
        writer.Number("seconds", row.Seconds);
        if (row.Against is null) return;
        writer.WriteString("against", row.Against.Name);
        writer.Number("difference", row.Difference?.Mean ?? double.NaN);
        writer.Number("difference_low", row.Difference?.Low ?? double.NaN);
        writer.Number("difference_high", row.Difference?.High ?? double.NaN);
        writer.Number("p_value", row.Test?.PValue ?? double.NaN);
        writer.WriteString("verdict", row.Verdict);
    });

    private sealed class Progress(Screen screen) : IProgress<AblationProgress>
    {
        public void Report(AblationProgress value)
        {
            lock (screen)
            {
                var share = double.IsNaN(value.Fraction) ? "" : $" {Quantity.Percent(value.Fraction)}";
                screen.Transient($"[dim]{Markup.Escape($"{value.Variant.Name}, seed {value.Seed}: {value.Stage}")}{share}[/]");
            }
        }
    }
}
