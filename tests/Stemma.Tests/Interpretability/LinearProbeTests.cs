using Stemma.Interpretability;
using Stemma.Numerics;
using Xunit;

namespace Stemma.Tests.Interpretability;

public sealed class LinearProbeTests
{
    [Theory, InlineData(0.5), InlineData(1), InlineData(20)]
    public void Its_weight_is_where_the_losses_and_the_penalty_balance(double penalty)
    {
        // Numbers 3 and 7 become −1 and 1; of n examples the gradient n·σ(−w) − λw is 0 at the minimum.
        var probe = LinearProbe.Fit([3, 7, 3, 7, 7, 3], 1, [false, true, false, true, true, false], penalty);
        var w = probe.Logit([7]);
        Assert.Equal(penalty * w, 6 / (1 + Math.Exp(w)), 1e-6);
        Assert.Equal(-w, probe.Logit([3]), 1e-9);
        Assert.Equal(0, probe.Logit([5]), 1e-9);
    }

    [Fact]
    public void It_finds_a_direction_among_noise_in_examples_that_it_has_not_seen()
    {
        var (points, labels) = Drawn(200, shift: 3);
        var said = LinearProbe.CrossValidated(points, 6, labels, 5);
        Assert.InRange(said.Zip(labels, (one, other) => one == other).Count(right => right) / 200.0, 0.9, 1);
    }

    [Fact]
    public void Where_there_is_nothing_to_find_it_is_right_by_chance()
    {
        var (points, labels) = Drawn(400, shift: 0);
        Assert.InRange(LinearProbe.CrossValidated(points, 6, labels, 5, penalty: 100).Zip(labels, (one, other) => one == other).Count(right => right) / 400.0, 0.4, 0.6);
    }

    [Fact]
    public void Vectors_that_are_all_the_same_leave_the_more_frequent_class()
    {
        bool[] labels = [.. Enumerable.Range(0, 30).Select(i => i % 3 == 0)];
        float[] points = [.. Enumerable.Repeat<float[]>([0.1f, -3e4f, 1e-3f], 30).SelectMany(point => point)];
        Assert.All(LinearProbe.CrossValidated(points, 3, labels, 5), Assert.False);
        // The constant is then the logarithm of the odds.
        Assert.Equal(Math.Log(0.5), LinearProbe.Fit(points, 3, labels).Logit([0.1f, -3e4f, 1e-3f]), 1e-6);
    }

    [Fact]
    public void What_it_cannot_learn_from_is_named()
    {
        Assert.Contains("both classes", Assert.Throws<ArgumentException>(() => LinearProbe.Fit([1, 2], 1, [true, true])).Message, StringComparison.Ordinal);
        Assert.Contains("not finite", Assert.Throws<ArgumentException>(() => LinearProbe.Fit([1, float.NaN], 1, [true, false])).Message, StringComparison.Ordinal);
        Assert.Contains("2 vectors of 2", Assert.Throws<ArgumentException>(() => LinearProbe.Fit([1, 2, 3], 2, [true, false])).Message, StringComparison.Ordinal);
        Assert.Contains("penalty", Assert.Throws<ArgumentOutOfRangeException>(() => LinearProbe.Fit([1, 2], 1, [true, false], 0)).Message, StringComparison.Ordinal);
        Assert.Contains("fewer than 2 folds", Assert.Throws<ArgumentException>(() => LinearProbe.CrossValidated([1, 2, 3], 1, [true, false, false], 2)).Message, StringComparison.Ordinal);
        Assert.Contains("not 1", Assert.Throws<ArgumentException>(() => LinearProbe.Fit([1, 2], 1, [true, false]).Logit([1, 2])).Message, StringComparison.Ordinal);
    }

    private static (float[] Points, bool[] Labels) Drawn(int count, double shift)
    {
        var random = new RandomStream(5);
        bool[] labels = [.. Enumerable.Range(0, count).Select(i => i % 2 == 0)];
        return ([.. Enumerable.Range(0, 6 * count).Select(i => (float)(random.Normal((ulong)i) + (i % 6 < 2 && labels[i / 6] ? shift : 0)))], labels);
    }
}
