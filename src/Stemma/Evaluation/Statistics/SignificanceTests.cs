using Stemma.Numerics.Distributions;

namespace Stemma.Evaluation.Statistics;

/// <summary>
/// Tests of whether a difference is more than chance, beside the resampling ones of
/// <see cref="Metrics.Translation.SystemComparison"/> (paired bootstrap, approximate randomisation). All count both sides.
/// </summary>
public static class SignificanceTests
{
    private const int MostExactRanks = 50;

    /// <summary>
    /// Whether one of two systems is right more often on the same questions: a fair coin for each question that exactly one answers.
    /// McNemar 1947, exact. The statistic is the smaller of the two counts.
    /// </summary>
    /// <param name="onlyFirst">Questions that the first alone answers.</param>
    /// <param name="onlySecond">Questions that the second alone answers.</param>
    public static TestResult McNemar(long onlyFirst, long onlySecond)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(onlyFirst);
        ArgumentOutOfRangeException.ThrowIfNegative(onlySecond);
        return new(Math.Min(onlyFirst, onlySecond), Tails.FairCoins(onlyFirst, onlySecond));
    }

    /// <summary>
    /// Whether differences lie around 0, by the ranks of their sizes. Wilcoxon 1945. Zeros are left out; exact for up to 50 differences of
    /// different sizes, otherwise normal with the correction for ties. The statistic is the smaller sum of ranks.
    /// </summary>
    /// <param name="differences">Of pairs, for example losses on the same documents.</param>
    /// <exception cref="ArgumentException">No difference but zeros.</exception>
    public static TestResult Wilcoxon(ReadOnlySpan<double> differences)
    {
        double[] sorted = [.. differences.ToArray().Where(difference => difference != 0).OrderBy(Math.Abs)];
        if (sorted.Length == 0) throw new ArgumentException("All differences are 0; there is nothing to rank.", nameof(differences));
        var (n, positive, ties) = (sorted.Length, 0.0, 0.0);
        for (var start = 0; start < n;)
        {
            var end = start + 1;
            while (end < n && Math.Abs(sorted[end]) == Math.Abs(sorted[start])) end++;
            for (var i = start; i < end; i++)
                if (sorted[i] > 0) positive += (start + 1 + end) / 2.0;
            ties += Math.Pow(end - start, 3) - (end - start);
            start = end;
        }
        var least = Math.Min(positive, n * (n + 1) / 2.0 - positive);
        if (n <= MostExactRanks && ties == 0 && n == differences.Length) return new(least, Math.Min(1, 2 * ExactRankTail(n, (int)least)));
        var variance = n * (n + 1.0) * (2 * n + 1) / 24 - ties / 48;
        return new(least, Tails.Normal((least - n * (n + 1) / 4.0) / Math.Sqrt(variance)));
    }

    /// <summary>Whether the mean of differences is 0. Student 1908.</summary>
    /// <param name="differences">Of pairs; at least two, not all alike.</param>
    public static TestResult PairedT(ReadOnlySpan<double> differences)
    {
        var (mean, variance) = Moments(differences);
        var t = mean / Math.Sqrt(variance / differences.Length);
        return new(t, Tails.StudentT(t, differences.Length - 1));
    }

    /// <summary>Whether two samples have one mean, whatever their variances. Welch 1947.</summary>
    /// <param name="first">At least two values, not all alike.</param>
    /// <param name="second">The same.</param>
    public static TestResult WelchT(ReadOnlySpan<double> first, ReadOnlySpan<double> second)
    {
        var ((meanA, varianceA), (meanB, varianceB)) = (Moments(first), Moments(second));
        var (a, b) = (varianceA / first.Length, varianceB / second.Length);
        var t = (meanA - meanB) / Math.Sqrt(a + b);
        return new(t, Tails.StudentT(t, (a + b) * (a + b) / (a * a / (first.Length - 1) + b * b / (second.Length - 1))));
    }

    /// <summary>Whether outcomes come with given probabilities. Pearson 1900; expected counts below 5 make it rough.</summary>
    /// <param name="counts">How often each outcome was seen.</param>
    /// <param name="expected">What was expected.</param>
    /// <exception cref="ArgumentException">Other numbers of outcomes, or an outcome that is impossible but was seen.</exception>
    public static TestResult ChiSquare(ReadOnlySpan<long> counts, Categorical expected)
    {
        ArgumentNullException.ThrowIfNull(expected);
        var probabilities = expected.Probabilities;
        if (counts.Length != probabilities.Length) throw new ArgumentException($"{counts.Length} outcomes were counted and {probabilities.Length} expected.", nameof(counts));
        var (total, statistic, possible) = (0L, 0.0, 0);
        foreach (var count in counts) total += count;
        for (var i = 0; i < counts.Length; i++)
        {
            if (probabilities[i] == 0 && counts[i] > 0) throw new ArgumentException($"Outcome {i} was seen {counts[i]} times and has the probability 0.", nameof(counts));
            if (probabilities[i] == 0) continue;
            possible++;
            statistic += Math.Pow(counts[i] - total * probabilities[i], 2) / (total * probabilities[i]);
        }
        return new(statistic, Tails.ChiSquare(statistic, possible - 1));
    }

    /// <summary>Whether rows and columns of a table of counts are independent. Pearson 1900, without correction.</summary>
    /// <param name="table">Counts, [rows, columns]; no row and no column is all 0.</param>
    public static TestResult ChiSquare(long[,] table)
    {
        ArgumentNullException.ThrowIfNull(table);
        var (rows, columns) = (new double[table.GetLength(0)], new double[table.GetLength(1)]);
        for (var i = 0; i < rows.Length; i++)
        {
            for (var j = 0; j < columns.Length; j++)
            {
                rows[i] += table[i, j];
                columns[j] += table[i, j];
            }
        }
        var (total, statistic) = (rows.Sum(), 0.0);
        if (rows.Contains(0) || columns.Contains(0)) throw new ArgumentException("A row or a column of the table is all 0; leave it out.", nameof(table));
        for (var i = 0; i < rows.Length; i++)
            for (var j = 0; j < columns.Length; j++) statistic += Math.Pow(table[i, j] - rows[i] * columns[j] / total, 2) * total / (rows[i] * columns[j]);
        return new(statistic, Tails.ChiSquare(statistic, (rows.Length - 1.0) * (columns.Length - 1)));
    }

    /// <summary>Whether values come from a continuous distribution. Kolmogorov 1933. The statistic is the largest distance D.</summary>
    /// <param name="values">At least one.</param>
    /// <param name="cumulative">P(X ≤ x).</param>
    public static TestResult KolmogorovSmirnov(ReadOnlySpan<double> values, Func<double, double> cumulative)
    {
        ArgumentNullException.ThrowIfNull(cumulative);
        if (values.Length == 0) throw new ArgumentException("There are no values to test.", nameof(values));
        double[] sorted = [.. values.ToArray().Order()];
        var distance = 0.0;
        for (var i = 0; i < sorted.Length; i++)
        {
            var p = cumulative(sorted[i]);
            distance = Math.Max(distance, Math.Max((i + 1.0) / sorted.Length - p, p - (double)i / sorted.Length));
        }
        return new(distance, Tails.Kolmogorov(distance, sorted.Length));
    }

    /// <summary>Whether two samples come from one continuous distribution. Smirnov 1939, as one sample of n·m / (n + m) values.</summary>
    public static TestResult KolmogorovSmirnov(ReadOnlySpan<double> first, ReadOnlySpan<double> second)
    {
        if (first.Length == 0 || second.Length == 0) throw new ArgumentException("A sample holds no values.");
        double[] a = [.. first.ToArray().Order()], b = [.. second.ToArray().Order()];
        var (i, j, distance) = (0, 0, 0.0);
        while (i < a.Length && j < b.Length)
        {
            var x = Math.Min(a[i], b[j]);
            while (i < a.Length && a[i] == x) i++;
            while (j < b.Length && b[j] == x) j++;
            distance = Math.Max(distance, Math.Abs((double)i / a.Length - (double)j / b.Length));
        }
        return new(distance, Tails.Kolmogorov(distance, (int)Math.Max(1, Math.Round((double)a.Length * b.Length / (a.Length + b.Length)))));
    }

    // P(W ≤ w) where each of the ranks 1 … n is in the sum or not by the throw of a coin.
    private static double ExactRankTail(int n, int w)
    {
        var ways = new double[w + 1];
        ways[0] = 1;
        for (var rank = 1; rank <= n; rank++)
            for (var sum = w; sum >= rank; sum--) ways[sum] += ways[sum - rank];
        return ways.Sum() / Math.Pow(2, n);
    }

    private static (double Mean, double Variance) Moments(ReadOnlySpan<double> values)
    {
        if (values.Length < 2) throw new ArgumentException($"{values.Length} values have no variance; a t test needs at least two.", nameof(values));
        var ml = Gaussian.MaximumLikelihood(values);
        if (ml.Variance == 0) throw new ArgumentException("All values are alike; a t test needs some that differ.", nameof(values));
        return (ml.Mean, ml.Variance * values.Length / (values.Length - 1));
    }
}
