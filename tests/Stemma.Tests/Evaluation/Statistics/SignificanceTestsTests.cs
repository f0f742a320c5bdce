using Stemma.Evaluation.Statistics;
using Stemma.Layers;
using Stemma.Numerics;
using Stemma.Numerics.Distributions;
using Xunit;
using TestResult = Stemma.Evaluation.Statistics.TestResult;

namespace Stemma.Tests.Evaluation.Statistics;

/// <summary>P-values are SciPy 1.10.1's (scipy.stats), and uniform where nothing is the matter.</summary>
public sealed class SignificanceTestsTests
{
    private static readonly double[] s_first = [1.83, 0.50, 1.62, 2.48, 1.68, 1.88, 1.55, 3.06, 1.30];
    private static readonly double[] s_second = [0.878, 0.647, 0.598, 2.05, 1.06, 1.29, 1.06, 3.14, 1.29];
    private static readonly double[] s_differences = [6, 0, 8, 14, 2, -3, 7, 5, 5, 1, -2, 4, 3, 3, 9, 0, 6, 12, -1, 2, 5, 7, 3, -4, 8];
    private static readonly double[] s_sample = [0.61, 0.29, 0.06, 0.59, -1.73, -0.74, 0.51, -0.56, 0.39, 1.64, 0.05, -0.06, 0.64, -0.82, 0.37, 1.77, 1.09, -1.28, 2.36, 1.31, 1.05, -0.32, -0.40, 1.06, -2.47];
    private static readonly double[] s_other = [0.1, 1.2, -0.3, 2.2, 0.9, 1.1, 0.75, 3.0, -0.15, 0.44, 1.9, 0.02, 1.3, 2.1, 0.8];

    [Fact]
    public void P_values_are_scipys()
    {
        double[] pairs = [.. s_first.Zip(s_second, (a, b) => a - b)];
        Same(5, 0.0390625, SignificanceTests.Wilcoxon(pairs));                                  // wilcoxon(method='exact')
        Same(23.5, 0.0004881930728780307, SignificanceTests.Wilcoxon(s_differences));           // wilcoxon(method='approx')
        Same(3.0353754156485917, 0.016176627434908095, SignificanceTests.PairedT(pairs));       // ttest_rel
        Same(4.490887131390719, 0.00015158285790293423, SignificanceTests.PairedT(s_differences));
        Same(1.2051727991066508, 0.24588283853317092, SignificanceTests.WelchT(s_first, s_second));   // ttest_ind(equal_var=False)
        Same(2, 0.8491450360846096, SignificanceTests.ChiSquare([16, 18, 16, 14, 12, 12], new Categorical([1, 1, 1, 1, 1, 1])));   // chisquare
        Same(2.9365079365079363, 0.4015183527259283, SignificanceTests.ChiSquare([43, 52, 54, 40], new Categorical([1, 1, 1, 1])));
        Same(0.27157465150403504, 0.873028283380073, SignificanceTests.ChiSquare(new long[,] { { 10, 20, 30 }, { 6, 9, 17 } }));   // chi2_contingency
        Same(0.17409188119887736, 0.38974117186791835, SignificanceTests.KolmogorovSmirnov(s_sample, new Gaussian(0, 1).Cumulative));   // kstest(method='exact')
        Same(0.38666666666666666, 0.10123165328647032, SignificanceTests.KolmogorovSmirnov(s_sample, s_other));   // ks_2samp(method='asymp')
        Same(3, 0.0025768280029296875, SignificanceTests.McNemar(3, 17));                       // binomtest
        Same(10, 0.03508203336969018, SignificanceTests.McNemar(23, 10));
        Same(5, 1, SignificanceTests.McNemar(5, 5));
    }

    [Fact]
    public void Where_nothing_is_the_matter_one_in_twenty_is_below_a_twentieth()
    {
        const int Trials = 2000, Size = 30;
        var random = new RandomStream(17);
        var below = new int[6];
        for (var trial = 0UL; trial < Trials; trial++)
        {
            var stream = random.Fork(trial);
            double[] x = [.. Enumerable.Range(0, Size).Select(i => stream.Normal((ulong)i))], y = [.. Enumerable.Range(Size, Size).Select(i => stream.Normal((ulong)i))];
            var counts = new long[5];
            for (var i = 0; i < 100; i++) counts[stream.Below(5, (ulong)(1000 + i))]++;
            TestResult[] results =
            [
                SignificanceTests.Wilcoxon(x), SignificanceTests.PairedT(x), SignificanceTests.WelchT(x, y), SignificanceTests.ChiSquare(counts, new Categorical([1, 1, 1, 1, 1])),
                SignificanceTests.KolmogorovSmirnov(x, new Gaussian(0, 1).Cumulative), SignificanceTests.McNemar(Enumerable.Range(0, 200).Count(i => stream.Uniform((ulong)(5000 + i)) < 0.5) is var heads ? heads : 0, 200 - heads),
            ];
            for (var test = 0; test < below.Length; test++)
                if (results[test].PValue < 0.05) below[test]++;
        }
        // Three standard errors are 0.015; McNemar's counts are whole, so that it stays a little below.
        Assert.All(below, count => Assert.InRange(count / (double)Trials, 0.03, 0.065));
    }

    [Fact]
    public void Initial_weights_come_from_the_distributions_they_name()
    {
        Shape shape = [40, 60];
        Assert.True(Check(new Initializer.Normal(0.3), x => new Gaussian(0, 0.09).Cumulative(x)) > 0.01);
        Assert.True(Check(new Initializer.Kaiming(), x => new Gaussian(0, 2.0 / 60).Cumulative(x)) > 0.01);
        var bound = Math.Sqrt(6.0 / 100);
        Assert.True(Check(new Initializer.Xavier(), x => Math.Clamp((x + bound) / (2 * bound), 0, 1)) > 0.01);
        Assert.True(Check(new Initializer.Normal(0.3), x => new Gaussian(0, 0.16).Cumulative(x)) < 1e-3);

        double Check(Initializer initializer, Func<double, double> cumulative)
        {
            var values = new float[shape.Count];
            initializer.Fill(values, shape, new RandomStream(5));
            return SignificanceTests.KolmogorovSmirnov(Array.ConvertAll(values, x => (double)x), cumulative).PValue;
        }
    }

    [Fact]
    public void What_cannot_be_tested_is_refused()
    {
        Assert.Throws<ArgumentException>(() => SignificanceTests.Wilcoxon([0, 0]));
        Assert.Throws<ArgumentException>(() => SignificanceTests.PairedT([1]));
        Assert.Throws<ArgumentException>(() => SignificanceTests.PairedT([1, 1]));
        Assert.Throws<ArgumentException>(() => SignificanceTests.ChiSquare([1, 2], new Categorical([1, 0])));
    }

    private static void Same(double statistic, double p, TestResult result)
    {
        Assert.Equal(statistic, result.Statistic, 1e-12);
        Assert.Equal(p, result.PValue, 1e-9 * p);
    }
}
