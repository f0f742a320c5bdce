namespace Stemma.Reporting;

/// <summary>A picture of numbers over numbers: axes with units, and any number of named series.</summary>
/// <example><code>
/// var chart = new Chart
/// {
///     Title = "Training",
///     X = new LinearAxis("step"),
///     Y = new LogAxis("loss (nats per token)"),
///     Series = [new LineSeries("training", losses), new PointSeries("validation", evaluations)],
/// };
/// chart.SaveSvg("loss.svg");
/// </code></example>
public sealed record Chart : Figure
{
    /// <summary>A sentence under the heading; none when empty.</summary>
    public string Subtitle { get; init; } = "";

    /// <summary>What runs to the right.</summary>
    public required Axis X { get; init; }

    /// <summary>What runs upwards.</summary>
    public required Axis Y { get; init; }

    /// <summary>What is drawn, later ones over earlier ones; a series with no points shows in the legend alone.</summary>
    public required IReadOnlyList<Series> Series { get; init; }

    internal override void Draw(SvgWriter svg) => new ChartDrawing(this, svg).Draw();
}

/// <summary>A place in a chart. A point that is not finite leaves a gap.</summary>
/// <param name="X">In the unit of the X axis.</param>
/// <param name="Y">In the unit of the Y axis.</param>
/// <param name="Low">The lower end of an interval around <paramref name="Y"/>, if there is one.</param>
/// <param name="High">Its upper end.</param>
public readonly record struct ChartPoint(double X, double Y, double? Low = null, double? High = null)
{
    /// <summary>A point without an interval.</summary>
    public static implicit operator ChartPoint((double X, double Y) point) => new(point.X, point.Y);

    internal bool IsFinite => double.IsFinite(X) && double.IsFinite(Y);

    internal bool HasInterval => Low is { } low && High is { } high && double.IsFinite(low) && double.IsFinite(high);
}
