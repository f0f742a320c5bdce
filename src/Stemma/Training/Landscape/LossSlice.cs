using Stemma.Reporting;

namespace Stemma.Training.Landscape;

/// <summary>The loss along a line through the weights.</summary>
/// <param name="Name">What direction it is.</param>
/// <param name="Points">Distances in units of the direction, and losses.</param>
public sealed record LossSlice(string Name, IReadOnlyList<ChartPoint> Points)
{
    /// <summary>Measures it.</summary>
    /// <param name="name">What direction it is.</param>
    /// <param name="surface">The loss.</param>
    /// <param name="direction">Where to.</param>
    /// <param name="distances">How far, in units of the direction.</param>
    /// <param name="progress">Told each loss computed.</param>
    /// <param name="cancellation">Stops between losses.</param>
    public static LossSlice Measure(string name, LossSurface surface, float[] direction, IReadOnlyList<double> distances, IProgress<int>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(surface);
        ArgumentNullException.ThrowIfNull(distances);
        var points = new ChartPoint[distances.Count];
        for (var i = 0; i < points.Length; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            points[i] = (distances[i], surface.LossAt((direction, distances[i])));
            progress?.Report(1);
        }
        return new(name, points);
    }

    /// <summary>An odd number of distances from −reach to reach: the middle one is 0.</summary>
    public static IReadOnlyList<double> Distances(double reach, int count) => [.. Enumerable.Range(0, count).Select(i => reach * (2.0 * i / (count - 1) - 1))];

    /// <summary>Slices through one place, one over the other.</summary>
    public static Chart ToChart(IReadOnlyList<LossSlice> slices, string subtitle)
    {
        ArgumentNullException.ThrowIfNull(slices);
        // A wall would flatten what is of interest: the middle.
        var finite = slices.SelectMany(slice => slice.Points).Select(point => point.Y).Where(double.IsFinite).Order().ToArray();
        var ceiling = finite.Length == 0 ? 1 : finite[0] + 4 * Math.Max(finite[finite.Length / 2] - finite[0], 1e-6);
        return new()
        {
            Title = "The loss along straight lines through the weights",
            Subtitle = subtitle,
            X = new LinearAxis("distance (1: as far as the weights are long)"),
            Y = new LinearAxis("loss (nats)") { Maximum = finite.Length > 0 && finite[^1] > ceiling ? ceiling : null },
            Series = [.. slices.Select(slice => new LineSeries(slice.Name, slice.Points)), new RuleSeries("the trained weights", 0)],
        };
    }
}
