using System.Globalization;
using System.Text;
using Stemma.Numerics.Formats;

namespace Stemma.Lineage;

/// <summary>A lineage as a page of Markdown beside its figures: the form in which it goes into somebody's documentation.</summary>
/// <param name="session">What was run on what.</param>
/// <param name="rows">The rungs in their order, and what came of them.</param>
public sealed class LineageMarkdown(LineageSession session, IReadOnlyList<(Rung Rung, RungResult Result)> rows)
{
    /// <summary>Writes the page, and a <c>lineage-*.svg</c> per figure.</summary>
    /// <param name="file">The page.</param>
    /// <param name="figures">The folder of the figures, from the page's; its own when empty.</param>
    public void Save(string file, string figures = "")
    {
        var folder = Path.Combine(Path.GetDirectoryName(Path.GetFullPath(file))!, figures);
        Directory.CreateDirectory(folder);
        var prefix = figures.Length == 0 ? "" : $"{figures}/";
        var page = new StringBuilder("# The lineage of language models\n\n");
        var (run, data) = (session.Run, session.Data);
        Line(page, $"{data.Name}: {data.TrainTokens:N0} tokens to learn from, {data.ValidationBytes:N0} bytes held out, the same for every rung. Trained ones have {Budget(run)} each. Less is better; ± is half of the range in which 95 % of resamples of the held-out blocks lie. ✓ is an arrow that holds in this run against the rung above it, ✗ one that does not.");
        page.Append("\n| year | model | bits/byte | parameters | tokens/s | seconds | its arrow |\n|---:|---|---:|---:|---:|---:|---|\n");
        foreach (var ((rung, result), arrow) in rows.Zip(LineageTable.Arrows(rows)))
        {
            var finding = arrow is null ? "" : $" {(arrow.Holds ? "✓" : "✗")} {LineageTable.Finding(arrow)}";
            Line(page, $"| {rung.Year} | {rung.Title} | {LineageTable.BitsPerByte(result)} | {LineageTable.Count(result.Parameters)} | {LineageTable.Count(result.TokensPerSecond)} | {result.Seconds:0.0} | {rung.Arrow}{finding} |");
        }
        page.Append('\n');
        foreach (var (name, chart) in new LineageCharts(data, rows).All())
        {
            chart.SaveSvg(Path.Combine(folder, $"lineage-{name}.svg"));
            Line(page, $"![{chart.Title}]({prefix}lineage-{name}.svg)\n");
        }
        Line(page, $"## “{session.Prompt} …”\n");
        foreach (var (rung, result) in rows)
        {
            // Indented, so that nothing a model writes ends the block.
            Line(page, $"**{rung.Title}**{(rung is TrainedRung ? Text($", {result.Steps:N0} steps") : "")}\n");
            foreach (var line in (session.Prompt + result.Sample).ReplaceLineEndings("\n").Split('\n')) page.Append("    ").Append(line.TrimEnd()).Append('\n');
            page.Append('\n');
        }
        Line(page, $"Papers, in the order of the table: {string.Join("; ", rows.Select(row => $"{row.Rung.Paper} ({row.Rung.Year})"))}.");
        AtomicFile.WriteText(file, page.ToString());
    }

    private static string Budget(LineageRun run) => run.BudgetSeconds is { } seconds ? Text($"{seconds:0.#} seconds") : Text($"{run.BudgetFlops:0.##e+0} operations");

    private static void Line(StringBuilder page, FormattableString text) => page.Append(Text(text)).Append('\n');

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
