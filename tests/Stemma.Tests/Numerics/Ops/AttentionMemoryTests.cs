using Stemma.Numerics;
using Stemma.Numerics.Autograd;
using Stemma.Numerics.Ops;
using Xunit;

namespace Stemma.Tests.Numerics.Ops;

/// <summary>Tiles never hold scores: Dao et al. 2022, arXiv:2205.14135, theorem 1. That both give the same numbers is tested where attention is.</summary>
public sealed class AttentionMemoryTests
{
    private const int Heads = 2, Size = 16;

    [Fact]
    public void The_memory_of_tiles_grows_with_the_length_and_that_of_scores_with_its_square()
    {
        Assert.InRange(Math.Log2((double)Peak(2048, tiled: true) / Peak(1024, tiled: true)), 0.9, 1.1);
        Assert.InRange(Math.Log2((double)Peak(2048, tiled: false) / Peak(1024, tiled: false)), 1.9, 2.1);
        // Scores and weights: a matrix each, per head.
        Assert.True(Peak(1024, tiled: false) > 2 * Heads * 1024 * 1024 * sizeof(float));
        Assert.True(Peak(1024, tiled: true) < 16 * 1024 * Heads * Size * sizeof(float));
    }

    /// <summary>Bytes beyond queries, keys and values, forward and backward.</summary>
    private static long Peak(int length, bool tiled)
    {
        var device = Device.Planning();
        var qkv = Tensor.Zeros([length, 3, Heads, Size], DType.Float32, device).WithGradient();
        var layout = SequenceLayout.Batch(1, length);
        using var watch = Memory.Watch();
        using var tape = Tape.Start();
        var y = tiled
            ? TensorOps.SelfAttention(qkv, layout, AttentionWindow.Causal)
            : TensorOps.AttentionComposed(new(qkv.Select(1, 0), qkv.Select(1, 1), qkv.Select(1, 2), layout, AttentionWindow.Causal, 1, 0, default));
        tape.Backward(y.Sum());
        return watch.PeakBytes;
    }
}
