using Stemma.Layers;
using Stemma.Numerics;
using Stemma.Numerics.Ops;
using Stemma.Tests.Models;
using Xunit;

namespace Stemma.Tests.Layers.Adaptive;

public sealed class EarlyExitTests
{
    private static readonly SequenceLayout s_layout = SequenceLayout.Packed(3, 2, 4);

    private static (Weights Weights, Block[] Blocks, Func<Tensor, Tensor> Head) Parts()
    {
        var weights = SmallBlock.Fresh();
        var blocks = SmallBlock.Shared(weights, 3);
        var head = SmallBlock.Linear(weights, "head", SmallBlock.Hidden, 5);
        return (weights, blocks, x => head.Forward(x));
    }

    [Theory]
    [InlineData(2, 3)]
    [InlineData(0, 1)]
    public void A_margin_beyond_reach_is_all_blocks_and_none_is_one(double margin, int depth)
    {
        var (_, blocks, head) = Parts();
        var x = SmallBlock.Rows(9);
        var (logits, depths) = new EarlyExit(blocks, head, margin).Forward(x, new(s_layout));
        for (var n = 0; n < depth; n++) x = blocks[n].Forward(x, new(s_layout));
        var expected = head(x.Gather(Tensor.From<int>([2, 4, 8], [3])));
        Assert.Equal(expected.ToArray<float>(), logits.ToArray<float>());
        Assert.Equal([depth, depth, depth], depths);
    }

    [Fact]
    public void A_sequence_leaves_alone_and_changes_nothing_for_the_others()
    {
        var (_, blocks, head) = Parts();
        var x = SmallBlock.Rows(9);
        var exits = Enumerable.Range(1, 19).Select(i => new EarlyExit(blocks, head, 0.05 * i)).First(exit => exit.Forward(x, new(s_layout)).Depths.Distinct().Count() > 1);
        var (logits, depths) = exits.Forward(x, new(s_layout));
        for (var s = 0; s < 3; s++)
        {
            var (first, end) = (s_layout.QueryOffsets[s], s_layout.QueryOffsets[s + 1]);
            var (alone, depth) = exits.Forward(x.Slice(0, first, end - first).Contiguous(), new(SequenceLayout.Batch(1, end - first)));
            Assert.Equal(alone.ToArray<float>(), logits.Slice(0, s, 1).ToArray<float>());
            Assert.Equal(depth[0], depths[s]);
        }
    }

    [Fact]
    public void Every_depth_is_trained_the_last_most()
    {
        var (weights, blocks, head) = Parts();
        var (x, targets) = (SmallBlock.Rows(9), Tensor.From<int>([1, 2, 3, 4, 0, 1, 2, 3, 4], [9]));
        var exit = new EarlyExit(blocks, head, 0.5);
        var (rows, expected) = (x, 0.0);
        for (var depth = 1; depth <= 3; depth++)
        {
            rows = blocks[depth - 1].Forward(rows, new(s_layout));
            expected += head(rows).CrossEntropy(targets).ToScalar() * depth / 6;
        }
        Assert.Equal(expected, exit.Loss(x, targets, new(s_layout)).ToScalar(), 1e-5);
        GradientCheck.AlongItself(weights.All, () => exit.Loss(x, targets, new(s_layout)));
    }
}
