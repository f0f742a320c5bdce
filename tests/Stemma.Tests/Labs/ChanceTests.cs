using Stemma.Numerics;
using Xunit;

namespace Stemma.Tests.Labs;

/// <summary>What lab 18 shows, on fewer comparisons.</summary>
public sealed class ChanceTests
{
    [Fact]
    public void Tests_cry_wolf_no_more_than_they_may_and_paired_ones_see_more()
    {
        const int Trials = 200;
        var equal = Below(0);
        Assert.All(equal, share => Assert.InRange(share, 0, 0.1));
        var better = Below(0.05);
        Assert.True(better[0] > better[3] + 0.2, $"{better[0]} against {better[3]}");

        double[] Below(double gain)
        {
            var found = new TwoSystems(400, 0.6, gain, shared: 0.9, seed: 2).PValues(Trials).ToList();
            return [.. Enumerable.Range(0, TwoSystems.Tests.Length).Select(test => found.Count(values => values[test] < 0.05) / (double)Trials)];
        }
    }

    [Fact]
    public void Systems_are_right_as_often_as_they_should_be()
    {
        var answers = new TwoSystems(20_000, 0.6, 0.1, shared: 0.9, seed: 3).Ask(new RandomStream(4)).ToList();
        Assert.Equal(0.6, answers.Average(both => both.First ? 1.0 : 0), 0.015);
        Assert.Equal(0.7, answers.Average(both => both.Second ? 1.0 : 0), 0.015);
        // What both meet makes them fail together far more often than by chance, 0.4 · 0.3.
        Assert.True(answers.Average(both => both is (false, false) ? 1.0 : 0) > 0.2);
    }
}
