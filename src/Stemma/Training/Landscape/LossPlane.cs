using System.Globalization;
using Stemma.Reporting;

namespace Stemma.Training.Landscape;

/// <summary>The loss over a plane through the weights.</summary>
/// <param name="Distances">Along either direction, in units of it.</param>
/// <param name="Losses">[second direction, first direction].</param>
public sealed record LossPlane(IReadOnlyList<double> Distances, double[,] Losses)
{
    private const int Levels = 8;

    /// <summary>Measures it.</summary>
    /// <param name="surface">The loss.</param>
    /// <param name="first">To the right.</param>
    /// <param name="second">Upwards.</param>
    /// <param name="distances">How far, in units of the directions.</param>
    /// <param name="progress">Told each loss computed.</param>
    /// <param name="cancellation">Stops between losses.</param>
    public static LossPlane Measure(LossSurface surface, float[] first, float[] second, IReadOnlyList<double> distances, IProgress<int>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(surface);
        ArgumentNullException.ThrowIfNull(distances);
        var losses = new double[distances.Count, distances.Count];
        for (var row = 0; row < distances.Count; row++)
        {
            for (var column = 0; column < distances.Count; column++)
            {
                cancellation.ThrowIfCancellationRequested();
                losses[row, column] = surface.LossAt((first, distances[column]), (second, distances[row]));
                progress?.Report(1);
            }
        }
        return new(distances, losses);
    }

    /// <summary>Lines of equal loss: from the least upwards, each rise twice the one before.</summary>
    public Chart ToChart(string subtitle)
    {
        var finite = Losses.Cast<double>().Where(double.IsFinite).ToArray();
        var (least, most) = finite.Length == 0 ? (0, 1) : (finite.Min(), finite.Max());
        var levels = Enumerable.Range(1, Levels).Select(i => least + (most - least) * Math.Pow(2, i - Levels - 0.5));
        return new()
        {
            Title = "The loss over a plane through the weights",
            Subtitle = subtitle,
            X = new LinearAxis("first direction") { Minimum = Distances[0], Maximum = Distances[^1] },
            Y = new LinearAxis("second direction") { Minimum = Distances[0], Maximum = Distances[^1] },
            Width = 660,
            Height = 560,
            Series =
            [
                .. levels.Select(level => new LineSeries(level.ToString(most - least < 1 ? "0.000" : "0.00", CultureInfo.InvariantCulture), Contour.Of(Distances, Distances, Losses, level))),
                new PointSeries("the trained weights", [(0, 0)]),
            ],
        };
    }
}
