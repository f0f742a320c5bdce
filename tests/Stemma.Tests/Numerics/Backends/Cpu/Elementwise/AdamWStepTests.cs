using Stemma.Numerics.Backends.Cpu;
using Stemma.Numerics.Backends.Cpu.Elementwise;
using Xunit;

namespace Stemma.Tests.Numerics.Backends.Cpu.Elementwise;

public sealed unsafe class AdamWStepTests : IDisposable
{
    private readonly WorkerPool _pool = new(2);

    public void Dispose() => _pool.Dispose();

    [Theory]
    [InlineData(1)]
    [InlineData(10_003)]
    public void Adam_steps_equal_the_definition(int length)
    {
        using var parameters = new NativeArray(length, 1);
        using var gradients = new NativeArray(length, 2);
        using var first = new NativeArray(length, 3, 0f);
        using var second = new NativeArray(length, 4, 0f);
        double[] p = CentralDifference.ToDoubles(parameters.Span), g = CentralDifference.ToDoubles(gradients.Span), m = new double[length], v = new double[length];
        for (var t = 1; t <= 3; t++)
        {
            new AdamWStep { LearningRate = 0.01, Beta1 = 0.9, Beta2 = 0.95, Epsilon = 1e-8, WeightDecay = 0.1, Step = t, GradientScale = 0.5f }
                .Run(_pool, parameters.Pointer, gradients.Pointer, first.Pointer, second.Pointer, length);
            for (var i = 0; i < length; i++)
            {
                var gradient = 0.5 * g[i];
                p[i] *= 1 - 0.01 * 0.1;
                m[i] = 0.9 * m[i] + 0.1 * gradient;
                v[i] = 0.95 * v[i] + 0.05 * gradient * gradient;
                p[i] -= 0.01 / (1 - Math.Pow(0.9, t)) * m[i] / (Math.Sqrt(v[i]) / Math.Sqrt(1 - Math.Pow(0.95, t)) + 1e-8);
            }
        }
        CentralDifference.Close(p, parameters.Span, 1e-6);
        CentralDifference.Close(m, first.Span, 1e-6);
        CentralDifference.Close(v, second.Span, 1e-6);
    }

    [Fact]
    public void A_pass_over_many_pieces_is_that_over_each()
    {
        // Empty ones, first and last too, ones of whole items and ones that end within a vector.
        int[] lengths = [0, 1, 8192, 0, 0, 17, 16385, 3, 24576, 0];
        var step = new AdamWStep { LearningRate = 0.01, Beta1 = 0.9, Beta2 = 0.95, Epsilon = 1e-8, WeightDecay = 0.1, Step = 7, GradientScale = 0.3f };
        var arrays = lengths.Select((length, i) => Enumerable.Range(0, 4).Select(kind => new NativeArray(length, 100 + 4 * i + kind, kind == 3 ? 0 : 1)).ToArray()).ToArray();
        var expected = new List<float[]>();
        for (var i = 0; i < lengths.Length; i++)
        {
            using var parameters = new NativeArray(lengths[i], 100 + 4 * i);
            using var first = new NativeArray(lengths[i], 102 + 4 * i);
            using var second = new NativeArray(lengths[i], null);
            second.Span.Clear();
            (step with { WeightDecay = i % 2 == 0 ? 0.1 : 0 }).Run(_pool, parameters.Pointer, arrays[i][1].Pointer, first.Pointer, second.Pointer, lengths[i]);
            expected.AddRange(parameters.Span.ToArray(), first.Span.ToArray(), second.Span.ToArray());
        }
        var pieces = stackalloc AdamWPiece[lengths.Length];
        for (var i = 0; i < lengths.Length; i++)
        {
            arrays[i][3].Span.Clear();
            pieces[i] = new(arrays[i][0].Pointer, arrays[i][1].Pointer, arrays[i][2].Pointer, arrays[i][3].Pointer, lengths[i], i % 2 == 0);
        }
        step.Run(_pool, pieces, lengths.Length);
        Assert.Equal(expected, arrays.SelectMany(a => new[] { a[0].Span.ToArray(), a[2].Span.ToArray(), a[3].Span.ToArray() }));
        foreach (var array in arrays.SelectMany(a => a)) array.Dispose();
    }
}
