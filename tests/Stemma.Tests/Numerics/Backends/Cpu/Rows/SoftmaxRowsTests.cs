using Stemma.Numerics.Backends.Cpu;
using Stemma.Numerics.Backends.Cpu.Rows;
using Xunit;

namespace Stemma.Tests.Numerics.Backends.Cpu.Rows;

public sealed unsafe class SoftmaxRowsTests : IDisposable
{
    private const int Ignored = -100;
    private readonly WorkerPool _pool = new(2);

    public void Dispose() => _pool.Dispose();

    [Theory]
    [InlineData(3, 1)]
    [InlineData(4, 13)]
    [InlineData(2, 32)]
    [InlineData(3, 65)]
    public void Softmax_and_its_logarithm_equal_the_definition(int rows, int width)
    {
        using var x = new NativeArray(rows * width, 1, 20f);
        using var dy = new NativeArray(rows * width, 2);
        using var y = new NativeArray(rows * width);
        using var dx = new NativeArray(rows * width);
        double[] inputs = CentralDifference.ToDoubles(x.Span), gradients = CentralDifference.ToDoubles(dy.Span);

        SoftmaxRows.Forward(_pool, x.Pointer, y.Pointer, rows, width);
        CentralDifference.Close(Softmax(inputs, width), y.Span, 1e-6);
        SoftmaxRows.Backward(_pool, y.Pointer, dy.Pointer, dx.Pointer, rows, width);
        CentralDifference.Close(CentralDifference.Gradient(v => Softmax(v, width), inputs, gradients), dx.Span, 2e-6);

        SoftmaxRows.LogForward(_pool, x.Pointer, y.Pointer, rows, width);
        CentralDifference.Close(Array.ConvertAll(Softmax(inputs, width), Math.Log), y.Span, 1e-6);
        SoftmaxRows.LogBackward(_pool, y.Pointer, dy.Pointer, dx.Pointer, rows, width);
        CentralDifference.Close(CentralDifference.Gradient(v => Array.ConvertAll(Softmax(v, width), Math.Log), inputs, gradients), dx.Span, 5e-6);
    }

    [Fact]
    public void A_masked_logit_has_probability_zero()
    {
        float[] values = [1f, float.NegativeInfinity, 1f];
        fixed (float* x = values)
            SoftmaxRows.Forward(_pool, x, x, 1, 3);
        Assert.Equal([0.5f, 0f, 0.5f], values);
    }

    [Theory]
    [InlineData(5, 1, 0f)]
    [InlineData(7, 65, 0f)]
    [InlineData(300, 33, 0.1f)]
    public void Cross_entropy_and_its_gradient_equal_the_definition(int rows, int width, float smoothing)
    {
        const float Scale = 0.25f;
        using var logits = new NativeArray(rows * width, 1, 10f);
        using var losses = new NativeArray(rows);
        using var again = new NativeArray(rows);
        var targets = Enumerable.Range(0, rows).Select(row => row % 3 == 1 ? Ignored : row * 7 % width).ToArray();
        var inputs = CentralDifference.ToDoubles(logits.Span);
        fixed (int* ids = targets)
        {
            CrossEntropyRows.Run(_pool, logits.Pointer, ids, Ignored, again.Pointer, rows, width, smoothing, null);
            CentralDifference.Close(inputs, logits.Span, 0);
            CrossEntropyRows.Run(_pool, logits.Pointer, ids, Ignored, losses.Pointer, rows, width, smoothing, Scale);
        }
        Assert.True(losses.Span.SequenceEqual(again.Span));
        CentralDifference.Close(Losses(inputs, targets, width, smoothing), losses.Span, 1e-6);
        var p = Softmax(inputs, width);
        var gradient = p.Select((value, at) => targets[at / width] < 0 ? 0 : Scale * (value - smoothing / width - (at % width == targets[at / width] ? 1 - smoothing : 0))).ToArray();
        CentralDifference.Close(gradient, logits.Span, 1e-6);
    }

    [Fact]
    public void A_target_outside_the_vocabulary_is_refused()
    {
        var values = new float[4];
        Assert.Throws<ArgumentOutOfRangeException>(() =>
        {
            var target = 4;
            float loss;
            fixed (float* x = values)
                CrossEntropyRows.Run(_pool, x, &target, Ignored, &loss, 1, 4, 0f, null);
        });
    }

    [Fact]
    public void Column_sums_equal_the_definition_whatever_the_threads()
    {
        const int Rows = 777, Width = 21, Stride = 25;
        using var x = new NativeArray(Rows * Stride, 1);
        using var sums = new NativeArray(Width);
        float[]? first = null;
        foreach (var threads in new[] { 1, 2, 3, 7 })
        {
            using var pool = new WorkerPool(threads);
            ColumnSums.Run(pool, x.Pointer, Stride, Rows, Width, sums.Pointer);
            first ??= sums.ToArray();
            Assert.True(sums.Span.SequenceEqual(first));
        }
        var expected = Enumerable.Range(0, Width).Select(column => Enumerable.Range(0, Rows).Sum(row => (double)x.Pointer[row * Stride + column])).ToArray();
        CentralDifference.Close(expected, sums.Span, 1e-5);
    }

    private static double[] Softmax(double[] x, int width)
    {
        var y = new double[x.Length];
        for (var row = 0; row < x.Length / width; row++)
        {
            var maximum = x.AsSpan(row * width, width).ToArray().Max();
            var sum = x.AsSpan(row * width, width).ToArray().Sum(v => Math.Exp(v - maximum));
            for (var i = 0; i < width; i++)
                y[row * width + i] = Math.Exp(x[row * width + i] - maximum) / sum;
        }
        return y;
    }

    private static double[] Losses(double[] x, int[] targets, int width, float smoothing)
    {
        var log = Array.ConvertAll(Softmax(x, width), Math.Log);
        return [.. targets.Select((target, row) => target < 0 ? 0 : -(1 - smoothing) * log[row * width + target] - smoothing * log.AsSpan(row * width, width).ToArray().Average())];
    }
}
