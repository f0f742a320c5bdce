using MathNet.Numerics;

namespace Stemma.Numerics.Distributions;

/// <summary>The probabilities, under the distributions of test statistics, of values at least as extreme.</summary>
public static class Tails
{
    /// <summary>P(|Z| ≥ |z|) of the standard normal.</summary>
    public static double Normal(double z) => SpecialFunctions.Erfc(Math.Abs(z) / Math.Sqrt(2));

    /// <summary>P(|T| ≥ |t|) of Student's t.</summary>
    public static double StudentT(double t, double degrees) => SpecialFunctions.BetaRegularized(degrees / 2, 0.5, degrees / (degrees + t * t));

    /// <summary>The t that |T| exceeds with a probability: half of an interval around a mean, in standard errors.</summary>
    /// <param name="probability">In (0, 1).</param>
    /// <param name="degrees">Degrees of freedom, at least 1.</param>
    public static double StudentTBound(double probability, double degrees)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(probability);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(probability, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(degrees, 1);
        // The tail only falls: twice as far until it is passed, then halves.
        var (low, high) = (0.0, 1.0);
        while (StudentT(high, degrees) > probability) (low, high) = (high, 2 * high);
        for (var i = 0; i < 60; i++)
        {
            var middle = (low + high) / 2;
            (low, high) = StudentT(middle, degrees) > probability ? (middle, high) : (low, middle);
        }
        return (low + high) / 2;
    }

    /// <summary>P(X ≥ x) of χ².</summary>
    public static double ChiSquare(double x, double degrees) => x <= 0 ? 1 : SpecialFunctions.GammaUpperRegularized(degrees / 2, x / 2);

    /// <summary>The chance that fair coins part as unevenly as this, either way.</summary>
    /// <param name="heads">Of the one side.</param>
    /// <param name="tails">Of the other.</param>
    public static double FairCoins(long heads, long tails)
    {
        var fewer = Math.Min(heads, tails);
        // P(X ≤ k) of n throws is the regularised beta function I_½(n − k, k + 1).
        return heads == tails ? 1 : Math.Min(1, 2 * SpecialFunctions.BetaRegularized(heads + tails - fewer, fewer + 1, 0.5));
    }

    /// <summary>
    /// P(D ≥ d) of the largest distance of n values' cumulated frequencies from their distribution: exact up to 140 values (Marsaglia, Tsang
    /// &amp; Wang 2003), by Kolmogorov's limit above.
    /// </summary>
    public static double Kolmogorov(double d, int n)
    {
        if (d <= 0) return 1;
        if (d >= 1) return 0;
        return n <= 140 ? 1 - Exact(d, n) : Limit(Math.Sqrt(n) * d);
    }

    private static double Limit(double x)
    {
        if (x < 0.2) return 1; // the series needs many terms where its sum is 1 to 10⁻¹²
        var sum = 0.0;
        for (var k = 1; k <= 100; k++) sum += (k % 2 == 1 ? 2 : -2) * Math.Exp(-2 * k * k * x * x);
        return Math.Clamp(sum, 0, 1);
    }

    // n!/nⁿ · (Hⁿ)[k−1, k−1], where d = (k − h)/n. At most 140 factors: neither overflows.
    private static double Exact(double d, int n)
    {
        var k = (int)Math.Floor(n * d) + 1;
        var (m, h) = (2 * k - 1, k - n * d);
        var matrix = new double[m, m];
        for (var i = 0; i < m; i++)
            for (var j = 0; j < m; j++) matrix[i, j] = i - j + 1 < 0 ? 0 : 1;
        for (var i = 0; i < m; i++)
        {
            matrix[i, 0] -= Math.Pow(h, i + 1);
            matrix[m - 1, i] -= Math.Pow(h, m - i);
        }
        if (2 * h > 1) matrix[m - 1, 0] += Math.Pow(2 * h - 1, m);
        for (var i = 0; i < m; i++)
            for (var j = 0; j < m; j++)
                if (i - j + 1 > 0) matrix[i, j] *= Math.Exp(-SpecialFunctions.GammaLn(i - j + 2));
        // One row of the power is enough; the factor i/n of each step keeps it in range.
        var row = new double[m];
        row[k - 1] = 1;
        for (var step = 1; step <= n; step++)
        {
            var next = new double[m];
            for (var i = 0; i < m; i++)
                for (var j = 0; j < m; j++) next[j] += row[i] * matrix[i, j] * step / n;
            row = next;
        }
        return row[k - 1];
    }
}
