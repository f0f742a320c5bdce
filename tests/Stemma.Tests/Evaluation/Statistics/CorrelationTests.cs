using Stemma.Evaluation.Statistics;
using Xunit;

namespace Stemma.Tests.Evaluation.Statistics;

public sealed class CorrelationTests
{
    // scipy.stats.spearmanr's own example, and one with ties by hand.
    [Fact]
    public void Spearman_is_the_correlation_of_ranks_shared_by_equals()
    {
        Assert.Equal(0.8207826816681233, Correlation.Spearman([1, 2, 3, 4, 5], [5, 6, 7, 8, 7]).Value, 1e-14);
        Assert.Equal([1, 2.5, 2.5, 4], Correlation.Ranks([3, 7, 7, 9]));
        Assert.Equal(-1, Correlation.Spearman([1, 2, 3, 4], [100, 50, 10, -3]).Value, 1e-15);
        Assert.True(double.IsNaN(Correlation.Spearman([1, 2, 3], [4, 4, 4]).Value));
        Assert.Throws<ArgumentException>(() => Correlation.Spearman([1, 2], [1]));
    }

    [Fact]
    public void Intervals_hold_the_value_and_shrink_with_the_square_root_of_the_count()
    {
        double[] x = [.. Enumerable.Range(0, 403).Select(i => Math.Sin(i * 12.9898) * 43758.5453 % 1)], y = [.. x.Select((value, i) => value + Math.Sin(i * 78.233) * 43758.5453 % 1)];
        var all = Correlation.Pearson(x, y);
        Assert.Equal(2 * 1.959964 / 20, Math.Atanh(all.High) - Math.Atanh(all.Low), 1e-9);
        Assert.InRange(all.Value, all.Low, all.High);
        var ranked = Correlation.Spearman(x, y);
        Assert.Equal(2 * 1.959964 / 20 * Math.Sqrt(1 + ranked.Value * ranked.Value / 2), Math.Atanh(ranked.High) - Math.Atanh(ranked.Low), 1e-9);
    }
}
