using Stemma.Reporting;

namespace Stemma.Curation;

/// <summary>Pictures of a built folder.</summary>
public static class CurationFigures
{
    private const int Bins = 40;

    /// <summary>All of them, with the names of their files: <c>funnel.svg</c>, <c>lengths.svg</c>, and <c>collisions.svg</c> where near duplicates were looked for.</summary>
    public static IReadOnlyList<(string File, Figure Figure)> Of(CuratedFolder folder)
    {
        ArgumentNullException.ThrowIfNull(folder);
        List<(string, Figure)> figures = [("funnel.svg", Funnel(folder.Report)), ("lengths.svg", Lengths(folder))];
        if (folder.Recipe.Steps.OfType<NearDuplicatesStep>().FirstOrDefault() is { } near) figures.Add(("collisions.svg", Collisions(near)));
        return figures;
    }

    /// <summary>What is left after each step.</summary>
    public static Figure Funnel(CurationReport report)
    {
        ArgumentNullException.ThrowIfNull(report);
        var (documents, bytes) = (Math.Max(1.0, report.Reading.Sum(input => input.Documents)), Math.Max(1.0, report.Reading.Sum(input => input.Bytes)));
        string[] names = ["read", .. report.Steps.Select(step => step.Kind.Replace('_', ' '))];
        return new Chart
        {
            Title = "What is left after each step",
            Subtitle = $"{documents:N0} documents, {bytes / 1e6:N1} MB were read",
            Width = Math.Max(720, 110 * names.Length),
            X = new CategoryAxis("step", names),
            Y = new LinearAxis("left (%)") { Minimum = 0, Maximum = 100 },
            Series =
            [
                new BarSeries("documents", [(0, 100), .. report.Steps.Select((step, i) => new ChartPoint(i + 1, 100 * step.DocumentsOut / documents))]),
                new BarSeries("bytes", [(0, 100), .. report.Steps.Select((step, i) => new ChartPoint(i + 1, Math.Min(100, 100 * step.BytesOut / bytes)))]),
            ],
        };
    }

    /// <summary>How long documents are, in tokens.</summary>
    public static Figure Lengths(CuratedFolder folder)
    {
        ArgumentNullException.ThrowIfNull(folder);
        var counts = new long[Bins];
        foreach (var length in folder.DocumentLengths()) counts[Math.Min(Bins - 1, (int)(2 * Math.Log2(Math.Max(1, length))))]++;
        var last = Array.FindLastIndex(counts, count => count > 0);
        return new Chart
        {
            Title = "How long the documents are",
            X = new LogAxis("tokens"),
            Y = new LinearAxis("documents") { Minimum = 0 },
            Series = [new LineSeries("documents", [.. counts.Take(last + 2).Select((count, i) => new ChartPoint(Math.Pow(2, (i + 0.5) / 2), count))])],
        };
    }

    /// <summary>How likely a pair of documents is found, by its similarity: 1 − (1 − sʳ)ᵇ (Broder 1997), and with the check that follows.</summary>
    public static Figure Collisions(NearDuplicatesStep step)
    {
        ArgumentNullException.ThrowIfNull(step);
        ChartPoint[] At(Func<double, double> probability) => [.. Enumerable.Range(0, 101).Select(i => new ChartPoint(i / 100.0, probability(i / 100.0)))];
        return new Chart
        {
            Title = "Which near duplicates are found",
            Subtitle = $"{step.Bands} bands of {step.Rows} minima over runs of {step.Words} words; a pair is reported when {step.Similarity:0.##} of its minima agree",
            X = new LinearAxis("Jaccard similarity") { Minimum = 0, Maximum = 1 },
            Y = new LinearAxis("probability") { Minimum = 0, Maximum = 1 },
            Series = [new LineSeries("looked at", At(step.CollisionProbability)) { IsDashed = true }, new LineSeries("reported", At(step.ReportProbability)), new RuleSeries("least similarity", step.Similarity)],
        };
    }
}
