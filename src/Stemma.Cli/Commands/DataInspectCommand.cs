using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Spectre.Console;
using Stemma.Cli.Output;
using Stemma.Curation;
using Stemma.Evaluation.Statistics;

namespace Stemma.Cli.Commands;

/// <summary><c>stemma data inspect</c>: what a built folder holds, and what each step did.</summary>
internal static class DataInspectCommand
{
    private const int ContextLength = 1024;

    public static Command Create(CommandContext context)
    {
        var folder = Options.Folder("A folder that `stemma data build` made.");
        var figures = new Option<string?>("--figures") { Description = "Draw the funnel, the lengths of the documents, and what near-duplicate steps find, as SVG files into a folder.", HelpName = "folder" };
        var samples = new Option<bool>("--samples") { Description = "Show the samples of what each step dropped." };
        var verify = new Option<bool>("--verify") { Description = "Compare every file with the manifest." };
        var json = Options.Json();
        var command = new Command("inspect", "Show what a built folder holds: what each step did, samples, lengths, the padding that packing saves.") { folder, figures, samples, verify, json };
        command.SetAction(parsed => Run(context, parsed.GetValue(folder)!, parsed.GetValue(figures), parsed.GetValue(samples), parsed.GetValue(verify), parsed.GetValue(json)));
        return command;
    }

    private static int Run(CommandContext context, string path, string? figures, bool samples, bool verify, bool json)
    {
        var folder = CuratedFolder.Open(path);
        var screen = context.Screen(json);
        if (json) WriteJson(context, folder, null);
        Show(screen, folder);
        if (samples) ShowSamples(screen, folder.Report);
        if (figures is not null)
        {
            Directory.CreateDirectory(figures);
            foreach (var (name, figure) in CurationFigures.Of(folder))
            {
                figure.SaveSvg(Path.Combine(figures, name));
                screen.Line($"Drew {Markup.Escape(Path.Combine(figures, name))}");
            }
        }

        if (!verify) return ExitCode.Success;
        var wrong = folder.Verify();
        if (wrong.Count == 0) screen.Line("Every file is what the manifest says.");
        else throw new Text.TextFormatException($"{string.Join(", ", wrong)} in {path} {(wrong.Count == 1 ? "is" : "are")} not what the manifest says. Build the folder again.");
        return ExitCode.Success;
    }

    /// <summary>The built folder for a person.</summary>
    public static void Show(Screen screen, CuratedFolder folder)
    {
        var (report, speeds, manifest) = (folder.Report, folder.Speeds, folder.Manifest);
        var (documents, bytes, broken) = (report.Reading.Sum(input => input.Documents), report.Reading.Sum(input => input.Bytes), report.Reading.Sum(input => input.Broken));
        screen.Line($"[bold]Read[/]    {Quantity.Of(documents, "document")}, {Quantity.Bytes(bytes)}, from {Quantity.Of(manifest.Inputs.Count, "file")}; {Quantity.Of(broken, "record")} broken and skipped");
        foreach (var problem in report.Reading.SelectMany(input => input.Problems).Take(5)) screen.Line($"        [dim]{Markup.Escape($"{problem.File}, byte {problem.Position}: {problem.Reason}")}[/]");
        string[] headers = ["step", "documents", "bytes", "dropped", "changed", "MB/s per core", "most of it by"];
        List<string[]> rows = [];
        foreach (var (i, step) in report.Steps.Index())
        {
            var most = step.Dropped.OrderByDescending(rule => rule.Value).Take(3).Select(rule => $"{rule.Key} {rule.Value:N0}");
            rows.Add([step.Kind, step.DocumentsOut.ToString("N0", CultureInfo.InvariantCulture), Quantity.Bytes(step.BytesOut), (step.DocumentsIn - step.DocumentsOut).ToString("N0", CultureInfo.InvariantCulture),
                step.Changed.ToString("N0", CultureInfo.InvariantCulture), speeds is null ? "" : speeds[i + 1].MegabytesPerSecond.ToString("N0", CultureInfo.InvariantCulture), string.Join(", ", most)]);
        }

        if (rows.Count > 0) screen.Table(headers, rows, 1, 2, 3, 4, 5);
        var (train, heldOut) = (manifest.Shards.Where(shard => !shard.HeldOut).ToList(), manifest.Shards.Where(shard => shard.HeldOut).ToList());
        screen.Line($"[bold]Train[/]   {train.Sum(shard => shard.Tokens):N0} tokens of {Quantity.Bytes(train.Sum(shard => shard.Bytes))} in {Quantity.Of(train.Sum(shard => shard.Documents), "document")}, {Quantity.Of(train.Count, "shard")}");
        screen.Line($"[bold]Held out[/] {heldOut.Sum(shard => shard.Tokens):N0} tokens in {Quantity.Of(heldOut.Sum(shard => shard.Documents), "document")}{Fairness(folder.HeldOutLengths())}");
        var waste = folder.Waste(ContextLength);
        screen.Line($"[bold]Waste[/]   at context {ContextLength:N0}: {Share(waste.RandomBatches)} padded in random order, {Share(waste.BucketedBatches)} sorted by length, {Share(waste.Packed)} packed");
    }

    /// <summary>The built folder for a program.</summary>
    public static void WriteJson(CommandContext context, CuratedFolder folder, TimeSpan? elapsed)
    {
        var (report, speeds, manifest) = (folder.Report, folder.Speeds, folder.Manifest);
        Json.WriteObject(context.Output, writer =>
        {
            writer.WriteString("folder", folder.Path);
            if (elapsed is { } time) writer.WriteNumber("seconds", Math.Round(time.TotalSeconds, 3));
            writer.WriteNumber("documents", report.Reading.Sum(input => input.Documents));
            writer.WriteNumber("bytes", report.Reading.Sum(input => input.Bytes));
            writer.WriteNumber("broken", report.Reading.Sum(input => input.Broken));
            if (speeds is not null) writer.Number("reading_megabytes_per_second", Math.Round(speeds[0].MegabytesPerSecond, 2));
            writer.WriteStartArray("problems");
            foreach (var problem in report.Reading.SelectMany(input => input.Problems)) writer.WriteStringValue($"{problem.File}, byte {problem.Position}: {problem.Reason}");
            writer.WriteEndArray();
            writer.WriteStartArray("steps");
            foreach (var (i, step) in report.Steps.Index()) WriteStep(writer, step, speeds?[i + 1].MegabytesPerSecond);
            writer.WriteEndArray();
            writer.WriteStartArray("shards");
            foreach (var shard in manifest.Shards)
            {
                writer.WriteStartObject();
                writer.WriteString("path", shard.Path);
                writer.WriteBoolean("held_out", shard.HeldOut);
                writer.WriteNumber("documents", shard.Documents);
                writer.WriteNumber("tokens", shard.Tokens);
                writer.WriteNumber("bytes", shard.Bytes);
                writer.WriteString("sha256", shard.Sha256);
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
            if (folder.HeldOutLengths() is { } lengths)
            {
                writer.Number("held_out_lengths_distance", lengths.Statistic);
                writer.Number("held_out_lengths_p_value", lengths.PValue);
            }
            var waste = folder.Waste(ContextLength);
            writer.Number("waste_random_batches", waste.RandomBatches);
            writer.Number("waste_bucketed_batches", waste.BucketedBatches);
            writer.Number("waste_packed", waste.Packed);
        });
    }

    private static string Fairness(TestResult? lengths) => lengths is { Statistic: var distance, PValue: var p }
        ? string.Create(CultureInfo.InvariantCulture, $"; their lengths are {(p < 0.01 ? "NOT " : "")}those of the others (Kolmogorov–Smirnov {distance:0.000}, {PairedTests.PValue(p)})")
        : "";

    private static void WriteStep(Utf8JsonWriter writer, StepReport step, double? speed)
    {
        writer.WriteStartObject();
        writer.WriteString("kind", step.Kind);
        writer.WriteNumber("documents_in", step.DocumentsIn);
        writer.WriteNumber("documents_out", step.DocumentsOut);
        writer.WriteNumber("bytes_in", step.BytesIn);
        writer.WriteNumber("bytes_out", step.BytesOut);
        writer.WriteNumber("changed", step.Changed);
        if (speed is { } rate) writer.Number("megabytes_per_second", Math.Round(rate, 2));
        Write("dropped", step.Dropped);
        Write("counts", step.Counts);
        writer.WriteStartArray("samples");
        foreach (var sample in step.Samples) writer.WriteStringValue($"{sample.Name} ({sample.Rule}): {sample.Text}");
        writer.WriteEndArray();
        writer.WriteEndObject();

        void Write(string name, SortedDictionary<string, long> counts)
        {
            writer.WriteStartObject(name);
            foreach (var (rule, count) in counts) writer.WriteNumber(rule, count);
            writer.WriteEndObject();
        }
    }

    private static void ShowSamples(Screen screen, CurationReport report)
    {
        foreach (var step in report.Steps.Where(step => step.Samples.Count > 0))
        {
            screen.Line();
            screen.Line($"[bold]{step.Kind}[/] dropped, among {Quantity.Of(step.DocumentsIn - step.DocumentsOut, "document")}:");
            foreach (var sample in step.Samples) screen.Line(Markup.Escape($"  {sample.Name} ({sample.Rule}): {sample.Text.ReplaceLineEndings(" ⏎ ")}"));
        }
    }

    private static string Share(double share) => $"{100 * share:0.0}%";
}
