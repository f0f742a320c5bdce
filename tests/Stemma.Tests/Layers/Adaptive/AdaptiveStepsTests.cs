using Stemma.Layers;
using Stemma.Numerics.Autograd;
using Stemma.Numerics.Ops;
using Stemma.Tests.Models;
using Xunit;

namespace Stemma.Tests.Layers.Adaptive;

public sealed class AdaptiveStepsTests
{
    private static readonly Pass s_pass = new(SequenceLayout.Packed(3, 2));

    private static Linear Halting(Weights weights, double bias, bool reads = false)
    {
        var halting = weights.Linear("halting", SmallBlock.Hidden, 1, new Initializer.Normal(reads ? 0.5 : 0));
        weights.All[^1].Value.Span<float>()[0] = (float)bias;
        return halting;
    }

    [Theory]
    [InlineData(20, 1)]     // sure at once
    [InlineData(-20, 5)]    // never: all steps, and the last counts alone
    public void The_bias_decides_between_one_step_and_all(double bias, int steps)
    {
        var (weights, x, ponder) = (SmallBlock.Fresh(), SmallBlock.Rows(5), new PonderCost());
        var blocks = SmallBlock.Shared(weights, 5);
        var output = new AdaptiveSteps(blocks, Halting(weights, bias)).Forward(x, s_pass, ponder).ToArray<float>();
        for (var n = 0; n < steps; n++) x = blocks[n].Forward(x, s_pass);
        Golden.Close([.. x.ToArray<float>().Select(value => (double)value)], output, 1e-5);
        Assert.All(ponder.Steps, count => Assert.Equal(steps, count));
        Assert.Equal(steps + 1, ponder.Loss().ToScalar(), 1e-4);
    }

    [Fact]
    public void The_result_is_the_mean_of_states_weighted_by_their_chances_and_what_is_left()
    {
        var (weights, x, ponder) = (SmallBlock.Fresh(), SmallBlock.Rows(5), new PonderCost());
        var blocks = SmallBlock.Shared(weights, 5);
        // 0.4, 0.4, and then 0.2 are left.
        var output = new AdaptiveSteps(blocks, Halting(weights, Math.Log(0.4 / 0.6))).Forward(x, s_pass, ponder).ToArray<float>();
        var first = blocks[0].Forward(x, s_pass);
        var second = blocks[1].Forward(first, s_pass);
        var third = blocks[2].Forward(second, s_pass);
        Golden.Close([.. (first * 0.4 + second * 0.4 + third * 0.2).ToArray<float>().Select(value => (double)value)], output, 1e-5);
        Assert.All(ponder.Steps, count => Assert.Equal(3, count));
        Assert.Equal(3.2, ponder.Loss().ToScalar(), 1e-5);
    }

    [Fact]
    public void Rows_stop_when_they_are_done_and_time_costs_what_is_left()
    {
        var (weights, x) = (SmallBlock.Fresh(), SmallBlock.Rows(5));
        var act = new AdaptiveSteps(SmallBlock.Shared(weights, 6), Halting(weights, -0.7, reads: true));
        var ponder = new PonderCost();
        act.Forward(x, s_pass, ponder);
        Assert.True(ponder.Steps.Distinct().Count() > 1, string.Join(' ', ponder.Steps));
        var direction = SmallBlock.Rows(5, 8);
        GradientCheck.AlongItself(weights.All, () =>
        {
            var cost = new PonderCost();
            return (act.Forward(x, s_pass, cost) * direction).Sum() + cost.Loss() * 0.3;
        });
        using var tape = Tape.Start();
        var paid = new PonderCost();
        act.Forward(x, s_pass, paid);
        // A greater chance of stopping leaves less: the bias is pushed up where time costs.
        Assert.True(tape.Backward(paid.Loss())[weights.All.Single(weight => weight.Name == "halting.bias")].ToScalar() < 0);
    }

    [Fact]
    public void From_a_cache_rows_take_the_steps_they_take_at_once()
    {
        var (weights, x) = (SmallBlock.Fresh(), SmallBlock.Rows(5));
        var act = new AdaptiveSteps(SmallBlock.Shared(weights, 4), Halting(weights, -0.7, reads: true));
        var whole = act.Forward(x, new(SequenceLayout.Batch(1, 5))).ToArray<float>();
        using var cache = new SequenceCache(4, 8);
        var parts = new List<float>();
        foreach (var (first, count) in ((int, int)[])[(0, 3), (3, 1), (4, 1)])
        {
            parts.AddRange(act.Forward(x.Slice(0, first, count).Contiguous(), new(SequenceLayout.Batch(1, count), new KvCache([cache]))).ToArray<float>());
            cache.Advance(new int[count]);
        }
        Golden.Close([.. whole.Select(value => (double)value)], [.. parts], 1e-5);
    }
}
