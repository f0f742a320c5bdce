using Xunit;

namespace Stemma.Tests.Labs;

/// <summary>What lab 17 shows holds.</summary>
public sealed class DepthTests
{
    [Fact]
    public void Steps_that_cost_more_are_fewer()
    {
        Assert.True(Blocks(1) < Blocks(0.001) - 0.2, $"{Blocks(1)} blocks at a high price, {Blocks(0.001)} at a low one");

        static double Blocks(double price)
        {
            var reader = DepthReader.Adaptive(price, seed: 1);
            foreach (var _ in reader.Train(40, batch: 16, learningRate: 1e-2)) { }
            return reader.Measure(sequences: 64, margin: 2).Blocks;
        }
    }

    [Fact]
    public void A_smaller_margin_leaves_earlier_and_less_room_computes_less()
    {
        var leaving = DepthReader.Leaving(seed: 1);
        var losses = leaving.Train(40, batch: 16, learningRate: 5e-3).ToArray();
        Assert.True(losses[^10..].Average() < losses[..10].Average());
        double[] blocks = [.. ((double[])[0, 0.2, 2]).Select(margin => leaving.Measure(sequences: 64, margin).Blocks)];
        Assert.Equal(1, blocks[0]);
        Assert.InRange(blocks[1], 1, 4);
        Assert.Equal(4, blocks[2]);
        var depths = DepthReader.Depths(0.5, seed: 1);
        losses = [.. depths.Train(40, batch: 16, learningRate: 5e-3)];
        Assert.True(losses[^10..].Average() < losses[..10].Average());
        Assert.Equal(1 + 3 * 3 / 7.0, depths.Measure(sequences: 64, margin: 2).Blocks, 1e-9);
    }
}
