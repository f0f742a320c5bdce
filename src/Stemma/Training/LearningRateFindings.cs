using System.Globalization;
using Stemma.Reporting;

namespace Stemma.Training;

/// <summary>What a range test says.</summary>
/// <param name="Points">Its steps, at rising rates.</param>
public sealed record LearningRateFindings(IReadOnlyList<LearningRatePoint> Points)
{
    /// <summary>Steps on either side between which a slope is taken: single losses are noisy.</summary>
    private const int Reach = 4;

    /// <summary>The rate at the least smoothed loss; null where the loss never fell by 2%.</summary>
    public double? MinimumRate => Least is { } least ? Points[least].LearningRate : null;

    /// <summary>A tenth of <see cref="MinimumRate"/>: safely on the falling side.</summary>
    public double? TenthOfMinimum => MinimumRate / 10;

    /// <summary>The rate at which the smoothed loss falls fastest, per factor of the rate; null where it never fell.</summary>
    public double? SteepestRate
    {
        get
        {
            if (Least is not { } least) return null;
            var steepest = Enumerable.Range(0, least + 1).Where(i => i >= Reach && i + Reach < Points.Count).DefaultIfEmpty(-1).MinBy(Slope);
            return steepest < 0 ? null : Points[steepest].LearningRate;
        }
    }

    /// <summary>The rate to begin with: between the two, at their geometric mean.</summary>
    public double? SuggestedRate => SteepestRate is { } steepest && TenthOfMinimum is { } tenth ? Math.Sqrt(steepest * tenth) : TenthOfMinimum;

    private int? Least
    {
        get
        {
            if (Points.Count == 0) return null;
            var least = Enumerable.Range(0, Points.Count).MinBy(i => Points[i].SmoothedLoss);
            return Points[least].SmoothedLoss < 0.98 * Points[0].SmoothedLoss ? least : null;
        }
    }

    /// <summary>The losses over the rates, and the suggestion.</summary>
    public Chart ToChart()
    {
        // What explodes at the end would flatten all that is of interest.
        var finite = Points.Where(point => double.IsFinite(point.SmoothedLoss)).ToArray();
        var ceiling = finite.Length == 0 ? 1 : 1.25 * finite[0].SmoothedLoss;
        return new()
        {
            Title = "Learning-rate range test",
            Subtitle = SuggestedRate is { } rate
                ? string.Create(CultureInfo.InvariantCulture, $"Falls fastest at {SteepestRate ?? rate:0.0e+0}, is least at {MinimumRate:0.0e+0}; begin with {rate:0.0e+0}")
                : "The loss falls nowhere in this range",
            X = new LogAxis("learning rate"),
            Y = new LinearAxis("loss (nats per token)") { Maximum = finite.Any(point => point.Loss > ceiling || point.SmoothedLoss > ceiling) ? ceiling : null },
            Series =
            [
                new PointSeries("batch", [.. Points.Select(point => new ChartPoint(point.LearningRate, point.Loss))]),
                new LineSeries("running mean", [.. Points.Select(point => new ChartPoint(point.LearningRate, point.SmoothedLoss))]),
                .. SuggestedRate is { } suggested ? (Series[])[new RuleSeries("suggested", suggested)] : [],
            ],
        };
    }

    // Of the smoothed loss over the logarithm of the rate.
    private double Slope(int i) => i < 0 ? double.PositiveInfinity
        : (Points[i + Reach].SmoothedLoss - Points[i - Reach].SmoothedLoss) / Math.Log(Points[i + Reach].LearningRate / Points[i - Reach].LearningRate);
}
