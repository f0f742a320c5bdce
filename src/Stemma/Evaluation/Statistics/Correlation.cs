namespace Stemma.Evaluation.Statistics;

/// <summary>How far two measures go together: −1 … 1, and where it lies with 95 % confidence.</summary>
/// <param name="Value">The coefficient; not a number where one measure is always the same.</param>
/// <param name="Low">The interval's lower end.</param>
/// <param name="High">Its upper end.</param>
public readonly record struct Correlation(double Value, double Low, double High)
{
    /// <summary>Of the numbers themselves. Pearson 1895; the interval by Fisher's transformation.</summary>
    /// <exception cref="ArgumentException">Other numbers of values.</exception>
    public static Correlation Pearson(ReadOnlySpan<double> x, ReadOnlySpan<double> y) => Within(Coefficient(x, y), x.Length, _ => 1);

    /// <summary>Of the ranks, equals sharing theirs. Spearman 1904; the interval by Bonett and Wright 2000.</summary>
    /// <exception cref="ArgumentException">Other numbers of values.</exception>
    public static Correlation Spearman(ReadOnlySpan<double> x, ReadOnlySpan<double> y) => Within(Coefficient(Ranks(x), Ranks(y)), x.Length, value => 1 + value * value / 2);

    /// <summary>Ranks from 1; equal values have the mean of theirs.</summary>
    public static double[] Ranks(ReadOnlySpan<double> values)
    {
        var (sorted, order) = (values.ToArray(), Enumerable.Range(0, values.Length).ToArray());
        Array.Sort(sorted, order);
        var ranks = new double[values.Length];
        for (var start = 0; start < sorted.Length;)
        {
            var end = start + 1;
            while (end < sorted.Length && sorted[end] == sorted[start]) end++;
            for (var i = start; i < end; i++) ranks[order[i]] = (start + 1 + end) / 2.0;
            start = end;
        }
        return ranks;
    }

    private static double Coefficient(ReadOnlySpan<double> x, ReadOnlySpan<double> y)
    {
        if (x.Length != y.Length) throw new ArgumentException($"There are {x.Length} values of one measure and {y.Length} of the other.", nameof(y));
        var (meanX, meanY) = (0.0, 0.0);
        for (var i = 0; i < x.Length; i++) (meanX, meanY) = (meanX + x[i] / x.Length, meanY + y[i] / x.Length);
        var (xx, yy, xy) = (0.0, 0.0, 0.0);
        for (var i = 0; i < x.Length; i++)
        {
            var (dx, dy) = (x[i] - meanX, y[i] - meanY);
            (xx, yy, xy) = (xx + dx * dx, yy + dy * dy, xy + dx * dy);
        }
        return Math.Clamp(xy / Math.Sqrt(xx * yy), -1, 1);
    }

    // Fisher's z of the coefficient is about normal; four values are the least that say anything of its spread.
    private static Correlation Within(double value, int count, Func<double, double> factor)
    {
        if (double.IsNaN(value) || count < 4) return new(value, -1, 1);
        if (Math.Abs(value) == 1) return new(value, value, value);
        var (z, half) = (Math.Atanh(value), 1.959964 * Math.Sqrt(factor(value) / (count - 3)));
        return new(value, Math.Tanh(z - half), Math.Tanh(z + half));
    }
}
