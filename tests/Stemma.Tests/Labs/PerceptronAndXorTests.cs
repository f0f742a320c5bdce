using Xunit;

namespace Stemma.Tests.Labs;

/// <summary>What lab 03 shows holds.</summary>
public sealed class PerceptronAndXorTests
{
    [Fact]
    public void Linear_layers_stay_at_a_lines_accuracy_and_the_first_net_learns()
    {
        var (accuracy, difference) = LogicGates.TrainLinearOnXor(seed: 1, steps: 300);
        Assert.True(accuracy <= 0.75);
        Assert.True(difference < 1e-5, $"{difference}");
        var (losses, seen, unseen) = LogicGates.TrainOnSigns(seed: 1, epochs: 100);
        Assert.Equal(100, losses.Length);
        Assert.True(losses[^1] < losses[0] / 3);
        Assert.True(seen >= 0.95 && unseen >= 0.95, $"{seen}, {unseen}");
    }

    [Fact]
    public void And_and_or_are_learnt()
    {
        foreach (var gate in LogicGates.All[..2]) Assert.Equal((0, 1.0), LogicGates.CycleOf(gate.Examples));
    }

    [Fact]
    public void On_xor_the_weights_walk_in_a_circle_and_are_never_right_on_more_than_three_of_four()
    {
        var (length, best) = LogicGates.CycleOf(LogicGates.All[2].Examples);
        Assert.True(length > 0);
        Assert.InRange(best, 0.25, 0.75);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    public void A_hidden_layer_solves_xor(int seed) =>
        Assert.Equal(1, LogicGates.TrainOnXor((ulong)seed, steps: 400).Accuracy(LogicGates.Inputs, LogicGates.XorLabels));

    [Theory]
    [InlineData(0.02)]
    [InlineData(0.1)]
    [InlineData(0.4)]
    public void Mistakes_stay_within_the_bound(double margin)
    {
        for (ulong seed = 1; seed <= 10; seed++)
        {
            var (mistakes, bound) = LogicGates.MistakesAndBound(margin, seed);
            Assert.InRange(mistakes, 1, bound);
        }
    }
}
