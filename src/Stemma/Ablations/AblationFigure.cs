using Stemma.Reporting;

namespace Stemma.Ablations;

/// <summary>A study as a figure: bits per byte over window lengths, along the lines that variants lie on, or a bar for each.</summary>
public static class AblationFigure
{
    /// <summary>Draws a study.</summary>
    /// <param name="study">What was asked.</param>
    /// <param name="rows">Its table.</param>
    public static Chart Of(AblationStudy study, IReadOnlyList<AblationRow> rows)
    {
        ArgumentNullException.ThrowIfNull(study);
        ArgumentNullException.ThrowIfNull(rows);
        const string Interval = "means over seeds, with the interval of 95 %";
        var isOverLengths = study.Lengths.Count > 1;
        var isLines = rows.Any(row => row.Variant.Series.Length > 0);
        return new()
        {
            Title = study.Question,
            Subtitle = isOverLengths ? "Held-out text in windows of each length; means over seeds." : $"Held-out text; {Interval}.",
            X = isOverLengths ? new LogAxis("tokens of a window") : isLines ? new LinearAxis(study.XLabel) : new CategoryAxis("", [.. rows.Select(row => row.Variant.Name)]),
            Y = new LinearAxis("bits per byte"),
            Width = Math.Max(720, isOverLengths || isLines ? 0 : 100 * rows.Count),
            Series = isOverLengths ? [.. rows.Select(row => OverLengths(study, row))]
                : isLines ? [.. rows.Where(row => row.Variant.Series.Length > 0).GroupBy(row => row.Variant.Series).Select(group => new LineSeries(group.Key, [.. group.OrderBy(row => row.Variant.X).Select(row => Point(row.Variant.X, row))]))]
                : [new PointSeries("", [.. rows.Select((row, i) => Point(i, row))])],
        };
    }

    private static LineSeries OverLengths(AblationStudy study, AblationRow row) =>
        new(row.Variant.Name, [.. study.Lengths.Zip(row.Readings).OrderBy(reading => reading.First).Select(reading => new ChartPoint(reading.First, reading.Second.Mean))]);

    private static ChartPoint Point(double x, AblationRow row) => new(x, row.Readings[0].Mean, row.Readings[0].Low, row.Readings[0].High);
}
