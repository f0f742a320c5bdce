using System.Globalization;
using System.Net;
using System.Text;
using Stemma.Numerics.Formats;
using Stemma.Reporting;
using Stemma.Training;

namespace Stemma.Lineage;

/// <summary>A lineage as one self-contained page: the table, the curves, what each rung can do, what each writes, how to run it again.</summary>
public sealed class LineageReport
{
    private static readonly (Ability Ability, string Heading, string Meaning, string Format)[] s_abilities =
    [
        (Ability.Order, "order", "bits per token that shuffling the text costs", "0.00"),
        (Ability.Possibility, "impossible", "share of tokens that get no probability", "0.0%"),
        (Ability.Novelty, "novelty", "bits per token where these three tokens were never seen together; fewer are better", "0.00"),
        (Ability.Reach, "reach", "bits per token that 64 tokens of context save over 8", "0.00"),
        (Ability.Copying, "copying", "bits per token saved when a random sequence comes a second time", "0.00"),
    ];

    private readonly LineageRun _run;
    private readonly DataSummary _data;
    private readonly string _prompt;
    private readonly IReadOnlyList<(Rung Rung, RungResult Result)> _rows;
    private readonly IReadOnlyList<ArrowTest?> _arrows;

    /// <summary>A report.</summary>
    /// <param name="session">What was run on what.</param>
    /// <param name="rows">The rungs in their order, and what came of them.</param>
    public LineageReport(LineageSession session, IReadOnlyList<(Rung Rung, RungResult Result)> rows)
    {
        ArgumentNullException.ThrowIfNull(session);
        (_run, _data, _prompt, _rows, _arrows) = (session.Run, session.Data, session.Prompt, rows, LineageTable.Arrows(rows));
    }

    /// <summary>Writes the page, whole or not at all.</summary>
    public void Save(string path) => AtomicFile.WriteText(path, ToHtml());

    /// <summary>The page.</summary>
    public string ToHtml()
    {
        var html = new StringBuilder();
        html.Append(CultureInfo.InvariantCulture, $$"""
            <!doctype html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <title>The lineage of language models on {{Text(_data.Name)}}</title>
            <style>
            :root { color-scheme: light dark; --paper: #ffffff; --ink: #1b222c; --soft: #555f6d; --line: #e3e7ec; --good: #0b7a50; --bad: #b61a67; }
            @media (prefers-color-scheme: dark) { :root { --paper: #12161c; --ink: #e8ecf1; --soft: #a7b1bd; --line: #2a313b; --good: #3fd493; --bad: #ff92c6; } }
            body { margin: 2.5rem auto; padding: 0 1.25rem; max-width: 66rem; background: var(--paper); color: var(--ink); font: 16px/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "DejaVu Sans", sans-serif; }
            h1 { font-size: 1.9rem; line-height: 1.2; margin-bottom: .3rem; } h2 { font-size: 1.25rem; margin-top: 2.6rem; } h3 { font-size: 1rem; margin: 1.6rem 0 .2rem; }
            p.lead, .soft { color: var(--soft); } figure { margin: 1.2rem 0; overflow-x: auto; } svg { max-width: 100%; height: auto; }
            .wide { overflow-x: auto; } table { border-collapse: collapse; font-size: .88rem; width: 100%; } th, td { text-align: left; padding: .4rem .7rem .4rem 0; border-bottom: 1px solid var(--line); vertical-align: top; }
            th { font-weight: 600; color: var(--soft); } td.n, th.n { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
            .yes { color: var(--good); } .no { color: var(--bad); } pre { white-space: pre-wrap; background: color-mix(in srgb, var(--ink) 5%, transparent); padding: .7rem .9rem; border-radius: 6px; font-size: .85rem; }
            </style>
            </head>
            <body>
            <h1>The lineage of language models</h1>
            <p class="lead">{{Text(_data.Name)}}: {{_data.TrainTokens:N0}} tokens to learn from, {{_data.ValidationBytes:N0}} bytes held out. Every rung reads the same tokens and predicts the same text;
            trained ones have {{(_run.BudgetSeconds is { } seconds ? Text($"{seconds:0.#} seconds") : Text($"{_run.BudgetFlops:0.##e+0} operations"))}} each.</p>

            """);
        Table(html);
        foreach (var (_, chart) in new LineageCharts(_data, _rows).All()) Figure(html, chart);
        AbilityTable(html);
        Samples(html);
        html.Append("</body>\n</html>\n");
        return html.ToString();
    }

    private void Table(StringBuilder html)
    {
        html.Append("<h2>One scale</h2>\n<div class=\"wide\"><table>\n<tr><th class=\"n\">year</th><th>model</th><th class=\"n\">bits/byte</th><th class=\"n\">parameters</th><th class=\"n\">tokens/s</th><th class=\"n\">seconds</th><th class=\"n\">memory</th>");
        var energy = _rows.Any(row => row.Result.Joules is not null);
        html.Append(energy ? "<th class=\"n\">energy</th>" : "").Append("<th>its arrow</th></tr>\n");
        foreach (var ((rung, result), arrow) in _rows.Zip(_arrows))
        {
            html.Append(CultureInfo.InvariantCulture, $"<tr><td class=\"n\">{rung.Year}</td><td>{Text(rung.Title)}<br><span class=\"soft\">{Text(rung.Paper)}</span></td><td class=\"n\">{LineageTable.BitsPerByte(result)}</td>");
            html.Append(CultureInfo.InvariantCulture, $"<td class=\"n\">{LineageTable.Count(result.Parameters)}</td><td class=\"n\">{LineageTable.Count(result.TokensPerSecond)}</td><td class=\"n\">{result.Seconds:0.0}</td><td class=\"n\">{LineageTable.Count(result.PeakBytes)}B</td>");
            if (energy) html.Append(CultureInfo.InvariantCulture, $"<td class=\"n\">{(result.Joules is { } joules ? Text($"{joules:0} J") : "–")}</td>");
            html.Append(CultureInfo.InvariantCulture, $"<td>{Text(rung.Arrow)}{(arrow is null ? "" : $"<br>{Mark(arrow)} <span class=\"soft\">{Text(LineageTable.Finding(arrow))}</span>")}</td></tr>\n");
        }
        html.Append("</table></div>\n<p class=\"soft\">Memory is the most that the process had; ✓ is an arrow that holds in this run against the rung above it, ✗ one that does not.</p>\n");
    }

    private void AbilityTable(StringBuilder html)
    {
        html.Append("<h2>What each can do</h2>\n<div class=\"wide\"><table>\n<tr><th>model</th>");
        foreach (var (_, heading, meaning, _) in s_abilities) html.Append(CultureInfo.InvariantCulture, $"<th class=\"n\" title=\"{Text(meaning)}\">{heading}</th>");
        html.Append("</tr>\n");
        foreach (var (rung, result) in _rows)
        {
            html.Append(CultureInfo.InvariantCulture, $"<tr><td>{Text(rung.Title)}</td>");
            foreach (var (ability, _, _, format) in s_abilities)
                html.Append(CultureInfo.InvariantCulture, $"<td class=\"n\">{(result.Abilities[ability] is var value && double.IsNaN(value) ? "–" : double.IsInfinity(value) ? "∞" : value.ToString(format, CultureInfo.InvariantCulture))}</td>");
            html.Append("</tr>\n");
        }
        html.Append("</table></div>\n<p class=\"soft\">");
        html.AppendJoin("; ", s_abilities.Select(ability => $"<b>{ability.Heading}</b>: {Text(ability.Meaning)}")).Append(".</p>\n");
    }

    private void Samples(StringBuilder html)
    {
        html.Append(CultureInfo.InvariantCulture, $"<h2>“{Text(_prompt)} …”</h2>\n");
        foreach (var (rung, result) in _rows)
        {
            html.Append(CultureInfo.InvariantCulture, $"<h3>{Text(rung.Title)}</h3>\n<pre>{Text(_prompt)}{Text(result.Sample)}</pre>\n");
            if (rung is TrainedRung) html.Append(CultureInfo.InvariantCulture, $"<p class=\"soft\">{result.Steps:N0} steps, the same to the bit with <code>stemma train --config rungs/{rung.Name}/run.json</code></p>\n");
        }
    }

    private static void Figure(StringBuilder html, Figure figure) => html.Append("<figure>\n").Append(figure.ToSvg()).Append("</figure>\n");

    private static string Mark(ArrowTest arrow) => arrow.Holds ? "<span class=\"yes\">✓</span>" : "<span class=\"no\">✗</span>";

    private static string Text(string text) => WebUtility.HtmlEncode(text);

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
