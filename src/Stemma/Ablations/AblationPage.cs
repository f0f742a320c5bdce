using System.Globalization;
using System.Text;
using System.Text.Json;
using Stemma.Configuration;
using Stemma.Evaluation.Statistics;
using Stemma.Numerics.Formats;

namespace Stemma.Ablations;

/// <summary>A study's record as a page of Markdown with its table and its figure.</summary>
/// <param name="record">What was asked, and what came.</param>
/// <param name="command">What makes the page again.</param>
public sealed class AblationPage(AblationRecord record, string command)
{
    /// <summary>Writes the page; beside it <c>results/NAME.json</c> and <c>figures/NAME.svg</c>.</summary>
    /// <param name="file">The page.</param>
    public void Save(string file)
    {
        var folder = Path.GetDirectoryName(Path.GetFullPath(file))!;
        Directory.CreateDirectory(folder);
        var (study, rows) = (record.Study, AblationRow.Table(record.Study, record.Results));
        AblationFigure.Of(study, rows).SaveSvg(Path.Combine(folder, "figures", $"{study.Name}.svg"));
        AtomicFile.WriteText(Path.Combine(folder, "results", $"{study.Name}.json"), JsonSerializer.Serialize(record, StemmaJson.Default.AblationRecord) + "\n");
        AtomicFile.WriteText(file, Text(rows));
    }

    private string Text(IReadOnlyList<AblationRow> rows)
    {
        var study = record.Study;
        var run = study.RunOf(study.Variants[0], study.Seeds[0]);
        int[] lengths = study.Lengths.Count > 0 ? [.. study.Lengths] : [run.Model.ContextLength];
        var page = new StringBuilder($"# {study.Name}\n\n{study.Question}\n\n```\n{command}\n```\n\n");
        Line(page, $"Fixed before the runs: {Path.GetFileName(run.Data.Source)}, {AblationStudy.Tokens(run):N0} tokens to train on for each run ({run.Steps:N0} steps), seeds {string.Join(", ", study.Seeds)}, the last weights, {record.HeldOutBytes:N0} bytes held out. Runs of one seed read the same text in the same order; so a variant is held against another in pairs, by a t test at the level of {AblationRow.Level:0.##}. Intervals are of 95 %. Less is better. Trained on {record.Machine}.");
        page.Append($"\n| variant | what is another | weights | MFLOP a token |{string.Concat(lengths.Select(length => $" bits/byte, windows of {length} |"))} difference at {lengths[0]} | | seconds |\n|---|---|---:|---:|{string.Concat(lengths.Select(_ => "---:|"))}---|---|---:|\n");
        foreach (var row in rows)
        {
            var readings = string.Concat(row.Readings.Select(reading => $" {Bits(reading)} |"));
            var difference = row.Against is null ? "" : $"{Difference(row.Difference)} against {row.Against.Name}{(row.Test is { } test ? $", {PairedTests.PValue(test.PValue)}" : "")}";
            var diverged = row.Diverged > 0 ? $" {row.Diverged} of {study.Seeds.Count} diverged." : "";
            Line(page, $"| {row.Variant.Name} | {(row.Variant.Changes.Length == 0 ? "" : $"`{row.Variant.Changes}`")} | {row.Parameters:N0} | {row.FlopsPerToken / 1e6:0.00} |{readings} {difference}{diverged} | {row.Verdict} | {row.Seconds:0} |");
        }
        if (rows.Any(row => row.Diverged < study.Seeds.Count && row.Readings.Any(reading => reading.Count == 0))) Line(page, $"\n–: the model has no positions for windows of that length.");
        Line(page, $"\n![{study.Question}](figures/{study.Name}.svg)\n\nThe base run, all of it:\n\n```json");
        page.Append(Settings.Write(run with { Data = run.Data with { Source = Path.GetFileName(run.Data.Source) } })).Append("\n```\n");
        return page.ToString().ReplaceLineEndings("\n");
    }

    private static string Bits(MeanInterval reading) => reading.Count == 0 ? "–" : reading.Count == 1 ? Text($"{reading.Mean:0.000}") : Text($"{reading.Mean:0.000} ±{(reading.High - reading.Low) / 2:0.000}");

    private static string Difference(MeanInterval? difference) => difference is { } found ? Text($"{found.Mean:+0.0000;−0.0000;0} ({found.Low:+0.0000;−0.0000;0} to {found.High:+0.0000;−0.0000;0})") : "–";

    private static void Line(StringBuilder page, FormattableString text) => page.Append(Text(text)).Append('\n');

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
