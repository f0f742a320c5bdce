using Stemma.Evaluation.Statistics;
using Stemma.Numerics;
using Stemma.Numerics.Distributions;
using Xunit;

namespace Stemma.Tests.Numerics.Distributions;

public sealed class DistributionTests
{
    private static readonly RandomStream s_random = new(23);

    [Fact]
    public void Both_ways_of_drawing_from_a_categorical_follow_its_probabilities()
    {
        var p = new Categorical([5, 1, 0, 3, 1]);
        foreach (var draw in (Func<RandomStream, ulong, int>[])[p.Sample, p.SampleGumbel])
        {
            var counts = new long[5];
            for (var i = 0UL; i < 20_000; i++) counts[draw(s_random, i)]++;
            Assert.True(SignificanceTests.ChiSquare(counts, p).PValue > 0.01);
        }
        Assert.Equal([0.5, 0.1, 0, 0.3, 0.1], p.Probabilities.ToArray());
        Assert.Equal(p.Probabilities.ToArray()[3], Math.Exp(p.LogProbability(3)), 1e-15);
        Assert.Equal([0.25, 0.75], Categorical.MaximumLikelihood([1, 3]).Probabilities.ToArray());
        Assert.Equal(0.75, Categorical.FromLogits([1000, 1000 + Math.Log(3)]).Probabilities[1], 1e-12);
    }

    [Fact]
    public void Closed_divergences_equal_the_mean_of_log_ratios()
    {
        Gaussian a = new(0.5, 2), b = new(-0.3, 1.5);
        var mean = Enumerable.Range(0, 100_000).Average(i => a.Sample(s_random, (ulong)i) is var x ? a.LogDensity(x) - b.LogDensity(x) : 0);
        Assert.Equal(a.KullbackLeibler(b), mean, 0.01);
        Assert.Equal(0, a.KullbackLeibler(a), 1e-15);
        Dirichlet c = new([2, 3, 0.7]), d = new([1, 1, 1]);
        var ratio = Enumerable.Range(0, 40_000).Average(i => c.Sample(s_random.Fork((ulong)i)).Probabilities is var p ? c.LogDensity(p) - d.LogDensity(p) : 0);
        Assert.Equal(c.KullbackLeibler(d), ratio, 0.02);
        Assert.Equal(Math.Log(2), d.LogDensity([0.2, 0.3, 0.5]), 1e-12); // uniform over a triangle: Γ(3)
    }

    [Fact]
    public void Draws_of_a_dirichlet_have_its_moments()
    {
        double[] alpha = [0.4, 2, 5];
        var dirichlet = new Dirichlet(alpha);
        var draws = Enumerable.Range(0, 20_000).Select(i => dirichlet.Sample(s_random.Fork((ulong)i)).Probabilities.ToArray()).ToArray();
        for (var i = 0; i < 3; i++)
        {
            var mean = alpha[i] / 7.4;
            Assert.Equal(mean, dirichlet.Mean.Probabilities[i], 1e-15);
            Assert.Equal(mean, draws.Average(p => p[i]), 0.005);
            Assert.Equal(mean * (1 - mean) / 8.4, draws.Average(p => Math.Pow(p[i] - mean, 2)), 0.002);
        }
    }

    [Fact]
    public void Evidence_moves_beliefs_as_the_formulas_say()
    {
        // Counts on a uniform prior: the mode is the likeliest estimate, the mean Laplace's rule.
        var posterior = Dirichlet.Symmetric(3, 1).Posterior([4, 1, 7]);
        Assert.Equal([5.0, 2, 8], posterior.Alpha.ToArray());
        Assert.Equal([4.0 / 12, 1.0 / 12, 7.0 / 12], posterior.Mode.Probabilities.ToArray(), (x, y) => Math.Abs(x - y) < 1e-15);
        Assert.Equal([5.0 / 15, 2.0 / 15, 8.0 / 15], posterior.Mean.Probabilities.ToArray(), (x, y) => Math.Abs(x - y) < 1e-15);
        Assert.Throws<InvalidOperationException>(() => Dirichlet.Symmetric(3, 1).Mode);

        // All at once or one after the other; and the mean is what least squares with an L2 penalty finds: Σ(x − w)²/s + w²/v least at 0.
        double[] seen = [1.2, 0.7, 2.1];
        Gaussian prior = new(0, 0.5), all = prior.Posterior(seen, 2);
        var each = seen.Aggregate(prior, (belief, x) => belief.Posterior([x], 2));
        Assert.Equal(all.Mean, each.Mean, 1e-12);
        Assert.Equal(all.Variance, each.Variance, 1e-12);
        Assert.Equal(0, seen.Sum(x => (all.Mean - x) / 2) + all.Mean / 0.5, 1e-12);
        Assert.Equal(4.0 / 3, Gaussian.MaximumLikelihood(seen).Mean, 1e-12);
        Assert.Equal(1.51 / 4.5, Gaussian.MaximumLikelihood(seen).Variance, 1e-12);
    }

    [Fact]
    public void Information_measures_hold_together()
    {
        double[] p = [0.5, 0.25, 0.25], q = [0.2, 0.5, 0.3];
        Assert.Equal(1.5 * Math.Log(2), Information.Entropy(p), 1e-15);
        Assert.Equal(Information.CrossEntropy(p, q), Information.Entropy(p) + Information.KullbackLeibler(p, q), 1e-15);
        Assert.Equal(double.PositiveInfinity, Information.KullbackLeibler([0.5, 0.5], [1, 0]));
        Assert.Equal(Math.Log(2), Information.MutualInformation(new long[,] { { 50, 0 }, { 0, 50 } }), 1e-12);
        Assert.Equal(0, Information.MutualInformation(new long[,] { { 20, 40 }, { 10, 20 } }), 1e-12);
        Assert.Equal(Math.Log(4), Information.Pointwise(10, 20, 50, 400), 1e-12);

        // Independent things look dependent where counts are few; the correction takes that off.
        var (plain, corrected) = (0.0, 0.0);
        for (var trial = 0UL; trial < 200; trial++)
        {
            var counts = new long[6, 6];
            for (var i = 0UL; i < 500; i++) counts[s_random.Fork(trial).Below(6, 2 * i), s_random.Fork(trial).Below(6, 2 * i + 1)]++;
            plain += Information.MutualInformation(counts) / 200;
            corrected += Information.MutualInformation(counts, corrected: true) / 200;
        }
        Assert.Equal(25.0 / 1000, plain, 0.003);
        Assert.Equal(0, corrected, 0.003);
    }

    [Fact]
    public void A_chain_comes_to_rest_where_its_walks_spend_their_time()
    {
        var chain = new MarkovChain([[0.9, 0.1, 0], [0.2, 0.5, 0.3], [0.4, 0, 0.6]]);
        var rest = chain.Stationary();
        for (var j = 0; j < 3; j++) Assert.Equal(rest[j], Enumerable.Range(0, 3).Sum(i => rest[i] * chain[i].Probabilities[j]), 1e-12);
        var walk = chain.Sample(0, 200_000, s_random);
        for (var i = 0; i < 3; i++) Assert.Equal(rest[i], walk.Count(state => state == i) / 200_000.0, 0.01);
        // What a step tells on average is what the walk's own probabilities say.
        var surprise = walk.Zip(walk.Skip(1), (before, after) => -chain[before].LogProbability(after)).Average();
        Assert.Equal(chain.EntropyRate(), surprise, 0.01);
        Assert.Equal([0.5, 0.5], new MarkovChain([[0, 1], [1, 0]]).Stationary(), (x, y) => Math.Abs(x - y) < 1e-12);
        Assert.Equal(0, new MarkovChain([[0, 1], [1, 0]]).EntropyRate());
    }

    [Fact]
    public void What_is_no_distribution_is_refused()
    {
        Assert.Throws<ArgumentException>(() => new Categorical([0, 0]));
        Assert.Throws<ArgumentException>(() => new Categorical([1, -1]));
        Assert.Throws<ArgumentException>(() => new Dirichlet([1, 0]));
        Assert.Throws<ArgumentException>(() => new MarkovChain([[1, 0]]));
        Assert.Throws<ArgumentException>(() => Information.EntropyOfCounts([0]));
    }
}
