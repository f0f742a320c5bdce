namespace Stemma.Reporting;

/// <summary>Points that belong together, and how they are drawn.</summary>
/// <param name="Name">What the legend says. A series without a name is not in it, and takes the colour of the one before.</param>
/// <param name="Points">In the order in which a line joins them.</param>
public abstract record Series(string Name, IReadOnlyList<ChartPoint> Points)
{
    /// <summary>Points at X = 0, 1, 2, … from one value each.</summary>
    public static IReadOnlyList<ChartPoint> Values(IEnumerable<double> values) => [.. values.Select((value, i) => new ChartPoint(i, value))];
}

/// <summary>A line through the points; intervals become a band around it.</summary>
/// <param name="Name">For the legend.</param>
/// <param name="Points">Joined in their order.</param>
public sealed record LineSeries(string Name, IReadOnlyList<ChartPoint> Points) : Series(Name, Points)
{
    /// <summary>Whether the line is dashed: a theory, a reference.</summary>
    public bool IsDashed { get; init; }
}

/// <summary>A dot per point; intervals become error bars.</summary>
/// <param name="Name">For the legend.</param>
/// <param name="Points">In any order.</param>
public sealed record PointSeries(string Name, IReadOnlyList<ChartPoint> Points) : Series(Name, Points)
{
    /// <summary>A word beside each point, as many as points; or none.</summary>
    public IReadOnlyList<string> Labels { get; init; } = [];
}

/// <summary>A bar per point from the axis up to it, beside those of other bar series at the same X; intervals become error bars.</summary>
/// <param name="Name">For the legend.</param>
/// <param name="Points">At the numbers 0, 1, 2, … of a <see cref="CategoryAxis"/>, or at any X.</param>
public sealed record BarSeries(string Name, IReadOnlyList<ChartPoint> Points) : Series(Name, Points);

/// <summary>A shaded range of X over the whole height.</summary>
/// <param name="Name">For the legend.</param>
/// <param name="From">Where it begins; values beyond the axis are cut.</param>
/// <param name="To">Where it ends.</param>
public sealed record RangeSeries(string Name, double From, double To) : Series(Name, []);

/// <summary>A dashed vertical line at one X.</summary>
/// <param name="Name">For the legend.</param>
/// <param name="At">Where it stands.</param>
public sealed record RuleSeries(string Name, double At) : Series(Name, []);
