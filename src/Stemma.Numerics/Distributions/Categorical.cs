namespace Stemma.Numerics.Distributions;

/// <summary>One of a number of outcomes.</summary>
public sealed class Categorical
{
    private readonly double[] _probabilities;

    /// <summary>Probabilities in the proportion of weights.</summary>
    /// <param name="weights">Not negative, not all 0.</param>
    /// <exception cref="ArgumentException">Weights that are no such thing.</exception>
    public Categorical(ReadOnlySpan<double> weights)
    {
        var sum = 0.0;
        foreach (var weight in weights)
        {
            if (!(weight >= 0 && double.IsFinite(weight))) throw new ArgumentException($"A weight is {weight}; weights are finite and not negative.", nameof(weights));
            sum += weight;
        }
        if (!(sum > 0 && double.IsFinite(sum))) throw new ArgumentException($"The weights add up to {sum}; some outcome must be possible.", nameof(weights));
        _probabilities = weights.ToArray();
        for (var i = 0; i < _probabilities.Length; i++) _probabilities[i] /= sum;
    }

    /// <summary>Of each outcome; they add up to 1.</summary>
    public ReadOnlySpan<double> Probabilities => _probabilities;

    /// <summary>In nats.</summary>
    public double Entropy => Information.Entropy(_probabilities);

    /// <summary>softmax(logits).</summary>
    public static Categorical FromLogits(ReadOnlySpan<double> logits)
    {
        var (weights, largest) = (logits.ToArray(), double.NegativeInfinity);
        foreach (var logit in logits) largest = Math.Max(largest, logit);
        return new([.. weights.Select(logit => Math.Exp(logit - largest))]);
    }

    /// <summary>What makes the counts likeliest: relative frequencies.</summary>
    public static Categorical MaximumLikelihood(ReadOnlySpan<long> counts) => new([.. counts.ToArray().Select(count => (double)count)]);

    /// <summary>ln p(outcome).</summary>
    public double LogProbability(int outcome) => Math.Log(_probabilities[outcome]);

    /// <summary>KL(this‖other) in nats.</summary>
    public double KullbackLeibler(Categorical other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return Information.KullbackLeibler(_probabilities, other._probabilities);
    }

    /// <summary>An outcome: where a uniform number falls among the cumulated probabilities.</summary>
    public int Sample(RandomStream random, ulong position)
    {
        var left = random.Uniform(position);
        for (var i = 0; i < _probabilities.Length; i++)
        {
            left -= _probabilities[i];
            if (left < 0) return i;
        }
        return Array.FindLastIndex(_probabilities, p => p > 0); // rounding left a rest
    }

    /// <summary>An outcome by argmax (ln p + g) with Gumbel noise g: the same distribution. Gumbel 1954; Maddison et al. 2014, arXiv:1411.0030.</summary>
    public int SampleGumbel(RandomStream random, ulong position)
    {
        var (best, highest) = (-1, double.NegativeInfinity);
        for (var i = 0; i < _probabilities.Length; i++)
        {
            if (_probabilities[i] == 0) continue;
            var value = Math.Log(_probabilities[i]) - Math.Log(-Math.Log(1 - random.Uniform(position * (ulong)_probabilities.Length + (ulong)i)));
            if (best < 0 || value > highest) (best, highest) = (i, value);
        }
        return best;
    }
}
