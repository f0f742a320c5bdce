using Stemma.Numerics;
using Stemma.Reporting;

namespace Stemma.Interpretability;

/// <summary>An activation function, its slope, and where the slope all but vanishes.</summary>
public static class ActivationFigure
{
    private const int Steps = 1200;

    /// <summary>Draws f and f′ and shades where |f′| &lt; threshold: a unit there learns next to nothing.</summary>
    /// <param name="name">For example <c>tanh</c>.</param>
    /// <param name="activation">f, elementwise.</param>
    /// <param name="low">Where the X axis begins.</param>
    /// <param name="high">Where it ends.</param>
    /// <param name="threshold">The slope below which the function counts as saturated.</param>
    public static Chart Of(string name, Func<Tensor, Tensor> activation, double low = -6, double high = 6, double threshold = 0.05)
    {
        ArgumentNullException.ThrowIfNull(activation);
        if (!(low < high)) throw new ArgumentException($"The figure goes from {low} to {high}; it must go upwards.");
        using var scope = Memory.Scope();
        double[] x = [.. Enumerable.Range(0, Steps + 1).Select(i => low + (high - low) * i / Steps)];
        var z = Tensor.From(x, [x.Length]);
        var (values, slopes) = (activation(z).ToArray<double>(), UnitActivity.Slopes(activation, z));
        var saturated = $"saturated: |f′| < {threshold}";
        return new()
        {
            Title = name,
            Subtitle = "The function, its slope, and where the slope all but vanishes",
            X = new LinearAxis("z"),
            Y = new LinearAxis(""),
            Series =
            [
                .. Flat(x, slopes, threshold).Select((range, i) => new RangeSeries(i == 0 ? saturated : "", range.From, range.To)),
                new LineSeries("f(z)", [.. x.Zip(values, (at, value) => new ChartPoint(at, value))]),
                new LineSeries("f′(z)", [.. x.Zip(slopes, (at, slope) => new ChartPoint(at, slope))]),
            ],
        };
    }

    // Between two samples the slope is taken to be straight; where it jumps (at ReLU's corner) that is within one step.
    private static IEnumerable<(double From, double To)> Flat(double[] x, double[] slopes, double threshold)
    {
        double? from = Math.Abs(slopes[0]) < threshold ? x[0] : null;
        for (var i = 1; i < x.Length; i++)
        {
            var (before, now) = (Math.Abs(slopes[i - 1]), Math.Abs(slopes[i]));
            if (before < threshold == now < threshold) continue;
            var crossing = x[i - 1] + (x[i] - x[i - 1]) * (threshold - before) / (now - before);
            if (from is { } start) yield return (start, crossing);
            from = from is null ? crossing : null;
        }
        if (from is { } last) yield return (last, x[^1]);
    }
}
