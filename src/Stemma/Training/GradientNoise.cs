using Stemma.Numerics;
using Stemma.Numerics.Autograd;
using Stemma.Numerics.Ops;

namespace Stemma.Training;

/// <summary>
/// How much the gradient of a batch differs from batch to batch, by batch size: the variance falls as 1 / batch size, and the
/// simple noise scale tr(Σ) / ‖G‖² says at which size noise and signal are equal. McCandlish et al. 2018, arXiv:1812.06162, section 2.2.
/// </summary>
public static class GradientNoise
{
    /// <summary>Draws batches of several sizes, and measures how their gradients scatter around their mean.</summary>
    /// <param name="batchSizes">Each ≥ 1.</param>
    /// <param name="draws">Independent batches per size, ≥ 2.</param>
    /// <param name="gradientOf">The gradients of the mean loss of one batch, from its size and the number of the draw; read before the next is asked for.</param>
    public static GradientNoiseCurve Measure(IReadOnlyList<int> batchSizes, int draws, Func<int, int, Gradients> gradientOf)
    {
        ArgumentNullException.ThrowIfNull(batchSizes);
        ArgumentNullException.ThrowIfNull(gradientOf);
        ArgumentOutOfRangeException.ThrowIfLessThan(draws, 2);
        return new([.. batchSizes.Select(size => Measure(size, draws, gradientOf))]);
    }

    private static GradientNoisePoint Measure(int batchSize, int draws, Func<int, int, Gradients> gradientOf)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(batchSize, 1);
        // All gradients of a size at once, for the distances from their mean; small models, or few draws.
        var gradients = Enumerable.Range(0, draws).Select(draw => Flat(gradientOf(batchSize, draw))).ToArray();
        var mean = new double[gradients[0].Length];
        foreach (var gradient in gradients)
            for (var i = 0; i < mean.Length; i++) mean[i] += gradient[i] / (double)draws;
        var distances = gradients.Select(gradient => gradient.Zip(mean, (value, centre) => (value - centre) * (value - centre)).Sum()).ToArray();
        var trace = distances.Sum() / (draws - 1);
        var average = distances.Average();
        var scatter = Math.Sqrt(distances.Sum(distance => (distance - average) * (distance - average)) / (draws - 1));
        // The mean of the draws still carries 1 / draws of the noise: taken off, its squared length has no bias.
        return new(batchSize, trace, scatter / Math.Sqrt(draws), mean.Sum(value => value * value) - trace / draws);
    }

    private static float[] Flat(Gradients gradients) => [.. gradients.SelectMany(gradient => gradient.Value.Cast(DType.Float32).ToArray<float>())];
}

/// <summary>The scatter of gradients at one batch size.</summary>
/// <param name="BatchSize">Sequences (or whatever the batch counts).</param>
/// <param name="CovarianceTrace">The sum of the variances of all components of the batch's gradient, unbiased.</param>
/// <param name="StandardError">Of <paramref name="CovarianceTrace"/>.</param>
/// <param name="SquaredNorm">‖G‖² of the true gradient, unbiased; may be negative where noise drowns it.</param>
public sealed record GradientNoisePoint(int BatchSize, double CovarianceTrace, double StandardError, double SquaredNorm);

/// <summary>The scatter of gradients over batch sizes.</summary>
/// <param name="Points">One per size.</param>
public sealed record GradientNoiseCurve(IReadOnlyList<GradientNoisePoint> Points)
{
    /// <summary>The slope of ln tr(Σ) over ln batch size, by least squares; −1 where batches are drawn independently.</summary>
    public double Slope
    {
        get
        {
            var logs = Points.Select(point => (X: Math.Log(point.BatchSize), Y: Math.Log(point.CovarianceTrace))).ToArray();
            var (x, y) = (logs.Average(p => p.X), logs.Average(p => p.Y));
            return logs.Sum(p => (p.X - x) * (p.Y - y)) / logs.Sum(p => (p.X - x) * (p.X - x));
        }
    }

    /// <summary>The batch size at which the noise of a batch's gradient is as long as the gradient: tr(Σ) of one example / ‖G‖².</summary>
    public double SimpleNoiseScale => Points.Average(point => point.BatchSize * point.CovarianceTrace) / Points[^1].SquaredNorm;
}
