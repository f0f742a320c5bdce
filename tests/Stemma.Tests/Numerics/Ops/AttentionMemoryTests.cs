using Stemma.Numerics;
using Stemma.Numerics.Autograd;
using Stemma.Numerics.Ops;
using Xunit;

namespace Stemma.Tests.Numerics.Ops;

/// <summary>What tiles are for: the gradients of the naive time × time matrix in memory that grows with the context, not with its square.</summary>
[Collection(Alone.Name)]
public sealed class AttentionMemoryTests
{
    private const int Heads = 2, Size = 16;

    [Fact]
    public void Tiles_give_the_gradients_of_the_naive_matrix_in_a_fraction_of_its_memory()
    {
        var (tiled, naive) = (Evaluate(1024, naive: false), Evaluate(1024, naive: true));
        Close.Check(tiled.Gradient, naive.Gradient, 1e-5, "gradient");
        Assert.True(tiled.Bytes < naive.Bytes / 20, $"{tiled.Bytes} bytes with tiles, {naive.Bytes} without");
    }

    [Fact]
    public void Memory_grows_linearly_with_the_context()
    {
        var (once, fourTimes) = (Evaluate(512, naive: false).Bytes, Evaluate(2048, naive: false).Bytes);
        Assert.InRange(fourTimes / (double)once, 3.5, 4.5);
    }

    [Fact]
    public void What_dropout_keeps_is_noted_only_where_that_takes_no_more_than_the_output()
    {
        Assert.Equal([500 / 16 + 1, Heads, 512 / 2], Room(500, 0.1)?.Shape);
        Assert.Null(Room(32 * Size + 1, 0.1));
        Assert.Null(Room(500, 0));

        static Tensor? Room(int time, double dropout)
        {
            var heads = Tensor.Zeros([time, Heads, Size]);
            return new AttentionArguments(heads, heads, heads, SequenceLayout.Batch(1, time), AttentionWindow.Causal, 0.25, dropout, default).RoomForKept();
        }
    }

    /// <summary>Bytes that the forward pass keeps for the gradient, and the gradient of queries, keys and values.</summary>
    private static (long Bytes, double[] Gradient) Evaluate(int time, bool naive)
    {
        var random = new RandomStream(5);
        var values = new float[time * 3 * Heads * Size];
        for (var i = 0; i < values.Length; i++) values[i] = (float)random.Normal((ulong)i);
        var qkv = Tensor.From(values, [time, 3, Heads, Size]).WithGradient();
        var layout = SequenceLayout.Batch(1, time);
        using var tape = Tape.Start();
        var before = Memory.UsedBytes;
        var y = naive
            ? TensorOps.AttentionComposed(new(qkv.Select(1, 0), qkv.Select(1, 1), qkv.Select(1, 2), layout, AttentionWindow.Causal, 0.25, 0, default))
            : TensorOps.SelfAttention(qkv, layout, AttentionWindow.Causal, 0.25);
        var bytes = Memory.UsedBytes - before;
        return (bytes, tape.Backward(y.Square().Sum())[qkv].Cast(DType.Float64).ToArray<double>());
    }
}
