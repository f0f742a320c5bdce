using Stemma.Numerics;
using Stemma.Numerics.Ops;
using Xunit;

namespace Stemma.Tests.Numerics.Backends.Cpu.MatMul;

/// <summary>Products of tensors stored in bfloat16, on the backend that defines them and on the processor.</summary>
public sealed class BFloat16TensorTests
{
    [Theory]
    [InlineData(1, 5, 3)]
    [InlineData(7, 33, 40)]
    [InlineData(65, 31, 129)]
    [InlineData(40, 70, 1)]
    [InlineData(300, 17, 830)]
    [InlineData(0, 3, 4)]
    [InlineData(3, 4, 0)]
    public void Any_of_the_three_may_be_stored_in_bfloat16(int rows, int columns, int depth)
    {
        var cpu = Device.CreateCpu(2, ComputePrecision.BFloat16);
        for (var types = 0; types < 8; types++)
        {
            foreach (var accumulate in new[] { false, true })
            {
                // Values that bfloat16 holds exactly, so that storage alone decides and not rounding on the way.
                var a = Stored([depth, rows], 1, types & 1).Transposed;
                var b = Stored([columns, depth], 2, types & 2).Transposed;
                var bias = Stored([columns], 3, 0);
                var (expected, actual) = (Stored([rows, columns], 4, types & 4), Stored([rows, columns], 4, types & 4).To(cpu));
                expected.Device.Backend.MatMul(a, b, expected, bias, accumulate);
                cpu.Backend.MatMul(a.To(cpu), b.To(cpu), actual, bias.To(cpu), accumulate);
                var (e, f) = (expected.Cast(DType.Float32).ToArray<float>(), actual.Cast(DType.Float32).ToArray<float>());
                var rounding = actual.DType == DType.BFloat16 ? 1f / 128 : 0;    // sums an ulp apart may round to neighbours
                for (var i = 0; i < e.Length; i++)
                    Assert.True(Math.Abs(e[i] - f[i]) <= rounding * Math.Abs(e[i]) + 2e-6f * (4 + MathF.Sqrt(depth)), $"types {types}, element {i}: {f[i]}, not {e[i]}");
            }
        }
    }

    [Fact]
    public void Infinities_and_not_a_number_survive()
    {
        float[] values = [float.PositiveInfinity, float.NegativeInfinity, float.NaN, BitConverter.UInt32BitsToSingle(0x7F800001), BitConverter.UInt32BitsToSingle(0xFFFFFFFF), 3.4028235e38f, -2];
        float[] expected = [float.PositiveInfinity, float.NegativeInfinity, float.NaN, float.NaN, float.NaN, float.PositiveInfinity, -2];
        var cpu = Device.CreateCpu(1, ComputePrecision.BFloat16);
        // Each value in a row of its own, far from tile edges and at them; the other factors are zero or one.
        foreach (var depth in new[] { 1, 33, 64 })
        {
            for (var at = 0; at < depth; at += 31)
            {
                var (x, one) = (new float[values.Length * depth], new float[depth * 40]);
                for (var row = 0; row < values.Length; row++) x[row * depth + at] = values[row];
                for (var column = 0; column < 40; column++) one[at * 40 + column] = 1;
                var (a, b) = (Tensor.From(x, [values.Length, depth], cpu), Tensor.From(one, [depth, 40], cpu));
                Check(a.MatMul(b));
                Check(a.Transposed.Contiguous().Transposed.MatMul(b.Transposed.Contiguous().Transposed));
                Check(b.Transposed.MatMul(a.Transposed).Transposed);
            }
        }

        void Check(Tensor y)
        {
            var actual = y.ToArray<float>();
            for (var row = 0; row < values.Length; row++)
                for (var column = 0; column < 40; column++) Assert.Equal(expected[row], actual[row * 40 + column]);
        }
    }

    [Fact]
    public void Collections_during_kernels_change_nothing()
    {
        var cpu = Device.CreateCpu(2, ComputePrecision.BFloat16);
        var (a, b) = (Stored([100, 90], 1, 0).To(cpu), Stored([90, 50], 2, 0).To(cpu));
        var expected = a.MatMul(b).ToArray<float>();
        using var stop = new CancellationTokenSource();
        var collector = new Thread(() =>
        {
            while (!stop.IsCancellationRequested) GC.Collect(0, GCCollectionMode.Forced, blocking: true);
        });
        collector.Start();
        try
        {
            for (var i = 0; i < 100; i++) Assert.Equal(expected, a.MatMul(b).ToArray<float>());
        }
        finally
        {
            stop.Cancel();
            collector.Join();
        }
    }

    private static Tensor Stored(Shape shape, int seed, int bfloat16)
    {
        var random = new Random(seed);
        var values = new float[shape.Count];
        for (var i = 0; i < values.Length; i++) values[i] = (BFloat16)(float)(random.NextDouble() * 2 - 1);
        var x = Tensor.From(values, shape, Device.Reference);
        return bfloat16 == 0 ? x : x.Cast(DType.BFloat16);
    }
}
