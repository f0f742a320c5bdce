using MathNet.Numerics;

namespace Stemma.Numerics.Distributions;

/// <summary>The normal distribution.</summary>
/// <param name="Mean">μ.</param>
/// <param name="Variance">σ² &gt; 0.</param>
public readonly record struct Gaussian(double Mean, double Variance)
{
    /// <summary>In nats.</summary>
    public double Entropy => 0.5 * Math.Log(2 * Math.PI * Math.E * Variance);

    /// <summary>What makes the values likeliest: their mean and mean squared deviation.</summary>
    /// <exception cref="ArgumentException">No values.</exception>
    public static Gaussian MaximumLikelihood(ReadOnlySpan<double> values)
    {
        if (values.Length == 0) throw new ArgumentException("No values have no mean.", nameof(values));
        var (mean, squares) = (0.0, 0.0);
        foreach (var value in values) mean += value / values.Length;
        foreach (var value in values) squares += (value - mean) * (value - mean) / values.Length;
        return new(mean, squares);
    }

    /// <summary>
    /// This belief about an unknown mean, after values were seen that scatter around it with known variance. Its mean is also its densest
    /// point: that of weights under a prior around 0 is least squares with an L2 penalty.
    /// </summary>
    /// <param name="values">What was seen.</param>
    /// <param name="noise">The variance of each value around the mean; above 0.</param>
    public Gaussian Posterior(ReadOnlySpan<double> values, double noise)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(noise);
        var (precision, weighted) = (1 / Variance + values.Length / noise, Mean / Variance);
        foreach (var value in values) weighted += value / noise;
        return new(weighted / precision, 1 / precision);
    }

    /// <summary>ln of the density.</summary>
    public double LogDensity(double x) => -0.5 * (Math.Log(2 * Math.PI * Variance) + (x - Mean) * (x - Mean) / Variance);

    /// <summary>The probability of at most x.</summary>
    public double Cumulative(double x) => 0.5 * SpecialFunctions.Erfc((Mean - x) / Math.Sqrt(2 * Variance));

    /// <summary>KL(this‖other) in nats, in closed form.</summary>
    public double KullbackLeibler(Gaussian other) => 0.5 * (Variance / other.Variance + (Mean - other.Mean) * (Mean - other.Mean) / other.Variance - 1 + Math.Log(other.Variance / Variance));

    /// <summary>A value.</summary>
    public double Sample(RandomStream random, ulong position) => Mean + Math.Sqrt(Variance) * random.Normal(position);
}
