using MathNet.Numerics;

namespace Stemma.Numerics.Distributions;

/// <summary>A distribution over the probabilities of a <see cref="Categorical"/>, and its conjugate prior: counts are added to α.</summary>
public sealed class Dirichlet
{
    private readonly double[] _alpha;
    private readonly double _sum;

    /// <param name="alpha">Above 0, one per outcome.</param>
    /// <exception cref="ArgumentException">A parameter that is not.</exception>
    public Dirichlet(ReadOnlySpan<double> alpha)
    {
        foreach (var a in alpha)
            if (!(a > 0 && double.IsFinite(a))) throw new ArgumentException($"A parameter is {a}; those of a Dirichlet distribution are above 0.", nameof(alpha));
        if (alpha.Length == 0) throw new ArgumentException("A Dirichlet distribution needs an outcome.", nameof(alpha));
        _alpha = alpha.ToArray();
        _sum = _alpha.Sum();
    }

    /// <summary>α.</summary>
    public ReadOnlySpan<double> Alpha => _alpha;

    /// <summary>The mean: α / Σ α. After counts on a prior of k each this is add-k smoothing (Lidstone 1920).</summary>
    public Categorical Mean => new(_alpha);

    /// <summary>The densest point, (α − 1) / Σ (α − 1): the estimate of greatest posterior probability.</summary>
    /// <exception cref="InvalidOperationException">A parameter of at most 1: the density has its peak at the edge, or none.</exception>
    public Categorical Mode => Array.TrueForAll(_alpha, a => a > 1)
        ? new([.. _alpha.Select(a => a - 1)])
        : throw new InvalidOperationException("Only where all parameters are above 1 has a Dirichlet distribution one densest point; take the mean.");

    /// <summary>The same α for every outcome.</summary>
    public static Dirichlet Symmetric(int outcomes, double alpha) => new([.. Enumerable.Repeat(alpha, outcomes)]);

    /// <summary>What is believed after outcomes were counted: α + counts.</summary>
    /// <exception cref="ArgumentException">Another number of outcomes.</exception>
    public Dirichlet Posterior(ReadOnlySpan<long> counts)
    {
        if (counts.Length != _alpha.Length) throw new ArgumentException($"{counts.Length} outcomes were counted; the prior has {_alpha.Length}.", nameof(counts));
        var alpha = (double[])_alpha.Clone();
        for (var i = 0; i < alpha.Length; i++) alpha[i] += counts[i];
        return new(alpha);
    }

    /// <summary>ln of the density.</summary>
    /// <param name="p">Probabilities, above 0.</param>
    public double LogDensity(ReadOnlySpan<double> p)
    {
        if (p.Length != _alpha.Length) throw new ArgumentException($"{p.Length} probabilities for {_alpha.Length} outcomes.", nameof(p));
        var log = SpecialFunctions.GammaLn(_sum);
        for (var i = 0; i < p.Length; i++) log += (_alpha[i] - 1) * Math.Log(p[i]) - SpecialFunctions.GammaLn(_alpha[i]);
        return log;
    }

    /// <summary>KL(this‖other) in nats, in closed form.</summary>
    public double KullbackLeibler(Dirichlet other)
    {
        ArgumentNullException.ThrowIfNull(other);
        if (other._alpha.Length != _alpha.Length) throw new ArgumentException($"The distributions have {_alpha.Length} and {other._alpha.Length} outcomes.", nameof(other));
        var kl = SpecialFunctions.GammaLn(_sum) - SpecialFunctions.GammaLn(other._sum);
        for (var i = 0; i < _alpha.Length; i++)
            kl += SpecialFunctions.GammaLn(other._alpha[i]) - SpecialFunctions.GammaLn(_alpha[i]) + (_alpha[i] - other._alpha[i]) * (SpecialFunctions.DiGamma(_alpha[i]) - SpecialFunctions.DiGamma(_sum));
        return kl;
    }

    /// <summary>Probabilities: gamma variables, normalised.</summary>
    public Categorical Sample(RandomStream random) => new([.. _alpha.Select((a, i) => Gamma(a, random.Fork((ulong)i)))]);

    // Marsaglia & Tsang 2000, "A simple method for generating gamma variables".
    private static double Gamma(double shape, RandomStream random)
    {
        if (shape < 1) return Gamma(shape + 1, random.Fork("more")) * Math.Pow(1 - random.Uniform(0), 1 / shape);
        var d = shape - 1.0 / 3;
        var c = 1 / Math.Sqrt(9 * d);
        var (normals, uniforms) = (random.Fork("normals"), random.Fork("uniforms"));
        for (var draw = 0UL; ; draw++)
        {
            var x = normals.Normal(draw);
            var v = Math.Pow(1 + c * x, 3);
            if (v > 0 && Math.Log(1 - uniforms.Uniform(draw)) < 0.5 * x * x + d - d * v + d * Math.Log(v)) return d * v;
        }
    }
}
