using Stemma.Numerics.Backends.Cpu;
using Stemma.Numerics.Backends.Cpu.Rows;
using Xunit;

namespace Stemma.Tests.Numerics.Backends.Cpu.Rows;

public sealed unsafe class NormRowsTests : IDisposable
{
    private const float Epsilon = 1e-5f;
    private readonly WorkerPool _pool = new(2);

    public void Dispose() => _pool.Dispose();

    [Theory]
    [InlineData(3, 1)]
    [InlineData(5, 7)]
    [InlineData(2, 16)]
    [InlineData(4, 45)]
    public void Layer_norm_and_its_gradients_equal_the_definition(int rows, int width) => Check<LayerNormKind>(rows, width, centers: true);

    [Theory]
    [InlineData(3, 1)]
    [InlineData(5, 7)]
    [InlineData(2, 16)]
    [InlineData(4, 45)]
    public void Rms_norm_and_its_gradients_equal_the_definition(int rows, int width) => Check<RmsNormKind>(rows, width, centers: false);

    [Fact]
    public void Thread_counts_and_neighbours_do_not_change_a_bit()
    {
        const int Rows = 1000, Width = 70;
        using var x = new NativeArray(Rows * Width, 1);
        using var dy = new NativeArray(Rows * Width, 2);
        using var weight = new NativeArray(Width, 3);
        using var y = new NativeArray(Rows * Width);
        using var dx = new NativeArray(Rows * Width);
        using var sums = new NativeArray(2 * Width);
        using var saved = new NativeArray(2 * Rows);
        float[]? first = null;
        foreach (var threads in new[] { 1, 2, 3, 7 })
        {
            using var pool = new WorkerPool(threads);
            NormRows<LayerNormKind>.Forward(pool, x.Pointer, weight.Pointer, weight.Pointer, y.Pointer, saved.Pointer, saved.Pointer + Rows, Rows, Width, Epsilon);
            NormRows<LayerNormKind>.Backward(pool, x.Pointer, weight.Pointer, saved.Pointer, saved.Pointer + Rows, dy.Pointer, dx.Pointer, accumulate: false, sums.Pointer, sums.Pointer + Width, Rows, Width);
            float[] all = [.. y.Span, .. dx.Span, .. sums.Span];
            first ??= all;
            Assert.True(first.AsSpan().SequenceEqual(all));
        }
        var whole = y.ToArray();
        NormRows<LayerNormKind>.Forward(_pool, x.Pointer + 500 * Width, weight.Pointer, weight.Pointer, y.Pointer, saved.Pointer, saved.Pointer + Rows, 1, Width, Epsilon);
        Assert.True(y.Span[..Width].SequenceEqual(whole.AsSpan(500 * Width, Width)));
    }

    private void Check<TKind>(int rows, int width, bool centers) where TKind : struct, INormKind
    {
        using var x = new NativeArray(rows * width, 1, 3f);
        using var dy = new NativeArray(rows * width, 2);
        using var weight = new NativeArray(width, 3);
        using var bias = new NativeArray(width, 4);
        using var y = new NativeArray(rows * width);
        using var dx = new NativeArray(rows * width);
        using var weightGradient = new NativeArray(width);
        using var biasGradient = new NativeArray(width);
        using var means = new NativeArray(rows);
        using var inverses = new NativeArray(rows);
        NormRows<TKind>.Forward(_pool, x.Pointer, weight.Pointer, bias.Pointer, y.Pointer, means.Pointer, inverses.Pointer, rows, width, Epsilon);
        NormRows<TKind>.Backward(_pool, x.Pointer, weight.Pointer, means.Pointer, inverses.Pointer, dy.Pointer, dx.Pointer, accumulate: false, weightGradient.Pointer, biasGradient.Pointer, rows, width);
        // Added to what stands there, as an addition afterwards would.
        float[] expected = [.. dx.Span.ToArray().Select((value, i) => x.Span[i] + value)];
        using var sum = new NativeArray(rows * width, 1, 3f);
        NormRows<TKind>.Backward(_pool, x.Pointer, weight.Pointer, means.Pointer, inverses.Pointer, dy.Pointer, sum.Pointer, accumulate: true, weightGradient.Pointer, biasGradient.Pointer, rows, width);
        Assert.Equal(expected, sum.Span.ToArray());
        double[] inputs = CentralDifference.ToDoubles(x.Span), weights = CentralDifference.ToDoubles(weight.Span), biases = CentralDifference.ToDoubles(bias.Span), gradients = CentralDifference.ToDoubles(dy.Span);
        CentralDifference.Close(Norm(inputs, weights, biases, width, centers), y.Span, 2e-6);
        CentralDifference.Close(CentralDifference.Gradient(v => Norm(v, weights, biases, width, centers), inputs, gradients), dx.Span, width == 1 ? 1e-3 : 1e-5);
        CentralDifference.Close(CentralDifference.Gradient(v => Norm(inputs, v, biases, width, centers), weights, gradients), weightGradient.Span, 1e-5);
        CentralDifference.Close(CentralDifference.Gradient(v => Norm(inputs, weights, v, width, centers), biases, gradients), biasGradient.Span, 1e-5);
    }

    private static double[] Norm(double[] x, double[] weight, double[] bias, int width, bool centers)
    {
        var y = new double[x.Length];
        for (var row = 0; row < x.Length / width; row++)
        {
            var values = x.AsSpan(row * width, width).ToArray();
            var mean = centers ? values.Average() : 0;
            var inverse = 1 / Math.Sqrt(values.Sum(v => (v - mean) * (v - mean)) / width + Epsilon);
            for (var i = 0; i < width; i++)
                y[row * width + i] = (values[i] - mean) * inverse * weight[i] + bias[i];
        }
        return y;
    }
}
