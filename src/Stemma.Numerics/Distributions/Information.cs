namespace Stemma.Numerics.Distributions;

/// <summary>Measures of information, in nats, of probabilities and of counts. Shannon 1948, "A mathematical theory of communication".</summary>
public static class Information
{
    /// <summary>H(p) = −Σ p ln p.</summary>
    /// <param name="p">Probabilities; 0·ln 0 is 0.</param>
    public static double Entropy(ReadOnlySpan<double> p) => CrossEntropy(p, p);

    /// <summary>−Σ p ln q = H(p) + KL(p‖q); infinite where q is 0 and p is not.</summary>
    /// <exception cref="ArgumentException">Other numbers of outcomes.</exception>
    public static double CrossEntropy(ReadOnlySpan<double> p, ReadOnlySpan<double> q)
    {
        if (p.Length != q.Length) throw new ArgumentException($"The distributions have {p.Length} and {q.Length} outcomes; they must be over the same ones.", nameof(q));
        var sum = 0.0;
        for (var i = 0; i < p.Length; i++)
            if (p[i] > 0) sum -= p[i] * Math.Log(q[i]);
        return sum;
    }

    /// <summary>KL(p‖q) = Σ p ln (p/q) ≥ 0. Kullback &amp; Leibler 1951.</summary>
    /// <inheritdoc cref="CrossEntropy" path="/exception"/>
    public static double KullbackLeibler(ReadOnlySpan<double> p, ReadOnlySpan<double> q)
    {
        if (p.Length != q.Length) throw new ArgumentException($"The distributions have {p.Length} and {q.Length} outcomes; they must be over the same ones.", nameof(q));
        var sum = 0.0;
        for (var i = 0; i < p.Length; i++)
            if (p[i] > 0) sum += p[i] * Math.Log(p[i] / q[i]);
        return sum;
    }

    /// <summary>I(X; Y) = H(X) + H(Y) − H(X, Y) of the relative frequencies of pairs.</summary>
    /// <param name="counts">Pairs counted, [x, y].</param>
    /// <param name="corrected">
    /// Whether the bias of few counts, which makes independent things look dependent, is taken off each entropy: (outcomes seen − 1) / 2N
    /// (Miller 1955). The result may then be a little below 0.
    /// </param>
    /// <exception cref="ArgumentException">A negative count, or none at all.</exception>
    public static double MutualInformation(long[,] counts, bool corrected = false)
    {
        ArgumentNullException.ThrowIfNull(counts);
        var (rows, columns) = (new long[counts.GetLength(0)], new long[counts.GetLength(1)]);
        for (var x = 0; x < rows.Length; x++)
        {
            for (var y = 0; y < columns.Length; y++)
            {
                rows[x] += counts[x, y];
                columns[y] += counts[x, y];
            }
        }
        return Of(rows) + Of(columns) - Of([.. counts.Cast<long>()]);

        double Of(long[] seen) => EntropyOfCounts(seen, corrected);
    }

    /// <summary>The entropy of relative frequencies.</summary>
    /// <param name="counts">How often each outcome was seen.</param>
    /// <param name="corrected">Whether Miller's correction is added, see <see cref="MutualInformation"/>.</param>
    /// <exception cref="ArgumentException">A negative count, or none at all.</exception>
    public static double EntropyOfCounts(ReadOnlySpan<long> counts, bool corrected = false)
    {
        var (total, seen, sum) = (0L, 0, 0.0);
        foreach (var count in counts)
        {
            if (count < 0) throw new ArgumentException($"A count is {count}; counts are not negative.", nameof(counts));
            if (count == 0) continue;
            total += count;
            seen++;
            sum += count * Math.Log(count);
        }
        if (total == 0) throw new ArgumentException("Nothing was counted; there are no frequencies.", nameof(counts));
        return Math.Log(total) - sum / total + (corrected ? (seen - 1) / (2.0 * total) : 0);
    }

    /// <summary>ln p(x, y) / (p(x)·p(y)): how much likelier two things are together than by chance. Church &amp; Hanks 1990.</summary>
    /// <param name="pair">How often both.</param>
    /// <param name="first">How often the one.</param>
    /// <param name="second">How often the other.</param>
    /// <param name="total">Of how many.</param>
    public static double Pointwise(long pair, long first, long second, long total) => Math.Log((double)pair * total / ((double)first * second));
}
