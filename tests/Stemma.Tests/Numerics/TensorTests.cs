using Stemma.Numerics;
using Stemma.Numerics.Ops;
using Xunit;

namespace Stemma.Tests.Numerics;

public sealed class TensorTests
{
    public static TheoryData<DType> Types => [DType.Float32, DType.Float64, DType.BFloat16, DType.Int32];

    [Theory]
    [MemberData(nameof(Types))]
    public void Every_type_converts_to_every_other(DType from)
    {
        foreach (var device in new[] { Device.Reference, Device.Cpu })
        {
            foreach (var to in Types.Select(row => row.Data))
            {
                var x = Tensor.From([0.0, 1, -2, 3, 96, -128], [2, 3], device).Cast(from).Transposed.Cast(to);
                Assert.Equal(to, x.DType);
                Assert.Equal([0.0, 3, 1, 96, -2, -128], x.Cast(DType.Float64).ToArray<double>());
                Assert.Equal(3, Tensor.Full([2], 3, to, device).Select(0, 1).ToScalar());
                Assert.Equal(0, Tensor.Zeros([2], to, device).Select(0, 0).ToScalar());
            }
        }
    }

    [Fact]
    public void Types_know_their_size_and_their_element()
    {
        Assert.Equal((4, 8, 2, 4), (DType.Float32.Size(), DType.Float64.Size(), DType.BFloat16.Size(), DType.Int32.Size()));
        Assert.Equal((DType.Float32, DType.Float64, DType.BFloat16, DType.Int32), (DTypes.Of<float>(), DTypes.Of<double>(), DTypes.Of<BFloat16>(), DTypes.Of<int>()));
        Assert.Throws<NotSupportedException>(() => DTypes.Of<long>());
        Assert.False(DType.Int32.IsFloating());
        Assert.True(DType.BFloat16.IsFloating());
    }

    [Fact]
    public void Arithmetic_on_bfloat16_gives_float32()
    {
        var x = Tensor.From([1f, 2f], [2]).Cast(DType.BFloat16);
        Assert.Equal(DType.Float32, (x + x).DType);
        Assert.Equal([1f, 4f], x.Square().ToArray<float>());
        Assert.Equal([5f], x.Reshape(1, 2).MatMul(x.Reshape(2, 1)).ToArray<float>());
    }

    [Fact]
    public void Misuse_is_refused_with_a_reason()
    {
        var (x, ids) = (Tensor.Zeros([2, 3]), Tensor.From([1, 2], [2]));
        Assert.Throws<InvalidOperationException>(() => ids + ids);
        Assert.Throws<InvalidOperationException>(() => ids.WithGradient());
        Assert.Throws<InvalidOperationException>(() => x.Transposed.Span<float>());
        Assert.Throws<InvalidOperationException>(() => x.Span<double>());
        Assert.Throws<InvalidOperationException>(() => x.ToScalar());
        Assert.Throws<ArgumentException>(() => x + x.Cast(DType.Float64));
        Assert.Throws<ArgumentException>(() => x.MatMul(x.Transposed.Cast(DType.Float64)));
        Assert.Throws<ArgumentException>(() => x.Linear(Tensor.Zeros([4, 3], DType.Float64)));
        Assert.Throws<ArgumentException>(() => x.MatMul(x));
        Assert.Throws<ArgumentException>(() => x.Linear(Tensor.Zeros([4, 2])));
        Assert.Throws<ArgumentException>(() => x.Linear(Tensor.Zeros([4, 3]), Tensor.Zeros([3])));
        Assert.Throws<ArgumentException>(() => x.Reshape(4, -1));
        Assert.Throws<ArgumentException>(() => x.Reshape(7));
        Assert.Throws<ArgumentException>(() => x.BroadcastTo([2, 4]));
        Assert.Throws<ArgumentException>(() => x.SumTo([2, 2]));
        Assert.Throws<ArgumentException>(() => x.Split(1, 2));
        Assert.Throws<ArgumentException>(() => TensorOps.Concatenate(0));
        Assert.Throws<ArgumentException>(() => TensorOps.Concatenate(0, x, Tensor.Zeros([2, 4])));
        Assert.Throws<ArgumentException>(() => x.LayerNorm(Tensor.Zeros([2]), null));
        Assert.Throws<ArgumentException>(() => x.RmsNorm(Tensor.Zeros([2])));
        Assert.Throws<ArgumentException>(() => x.CrossEntropy(Tensor.From([1], [1])));
        Assert.Throws<ArgumentException>(() => x.Scatter(Tensor.From([1], [1]), 5));
        Assert.Throws<ArgumentException>(() => Tensor.From([1f, 2f], [3]));
        Assert.Throws<ArgumentOutOfRangeException>(() => x.CrossEntropy(Tensor.From([1, 3], [2])));
        Assert.Throws<ArgumentOutOfRangeException>(() => x.Gather(Tensor.From([1, 2], [2])));
        Assert.Throws<ArgumentOutOfRangeException>(() => x.Gather(Tensor.From([-1], [1])));
        Assert.Throws<ArgumentOutOfRangeException>(() => x.Scatter(ids, 2));
        Assert.Throws<ArgumentOutOfRangeException>(() => x.Slice(1, 2, 2));
        Assert.Throws<ArgumentOutOfRangeException>(() => x.Sum(2));
        Assert.Throws<ArgumentOutOfRangeException>(() => x.Dropout(1, default));
        Assert.Throws<ArgumentOutOfRangeException>(() => Device.CreateCpu(-1));
    }

    [Fact]
    public void Views_share_memory_and_copies_do_not()
    {
        var x = Tensor.From([1f, 2f, 3f, 4f], [2, 2]);
        var (view, copy) = (x.Transposed, x.Transposed.Contiguous());
        x.Span<float>()[1] = 9;
        Assert.Equal([1f, 3f, 9f, 4f], view.ToArray<float>());
        Assert.Equal([1f, 3f, 2f, 4f], copy.ToArray<float>());
        view.CopyFrom(Tensor.From([5f, 6f], [2]));
        Assert.Equal([5f, 5f, 6f, 6f], x.ToArray<float>());
    }
}
