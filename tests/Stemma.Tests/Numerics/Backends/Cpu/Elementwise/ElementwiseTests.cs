using Stemma.Numerics;
using Stemma.Numerics.Backends.Cpu;
using Stemma.Numerics.Backends.Cpu.Elementwise;
using Xunit;

namespace Stemma.Tests.Numerics.Backends.Cpu.Elementwise;

public sealed unsafe class ElementwiseTests : IDisposable
{
    private readonly WorkerPool _pool = new(2);

    public void Dispose() => _pool.Dispose();

    [Fact]
    public void Gelu_with_tanh_equals_the_definition() =>
        Check<GeluTanh>(x => 0.5 * x * (1 + Math.Tanh(Math.Sqrt(2 / Math.PI) * (x + 0.044715 * x * x * x))));

    [Fact]
    public void Gelu_with_erf_equals_the_definition() => Check<GeluErf>(x => x * Normal(x));

    [Fact]
    public void Silu_equals_the_definition() => Check<Silu>(x => x / (1 + Math.Exp(-x)));

    [Fact]
    public void Dropout_keeps_what_the_stream_says()
    {
        const int Length = 9001;
        using var x = new NativeArray(Length, 1);
        using var y = new NativeArray(Length);
        DropoutMap.Run(_pool, x.Pointer, y.Pointer, Length, 0.25f, 9, 8, 6);
        var stream = new Philox(9, 8);
        for (var i = 0; i < Length; i++)
            Assert.Equal(stream.BitsAt(6 + (ulong)i) >= 1u << 30 ? x.Pointer[i] * (1f / 0.75f) : 0f, y.Pointer[i]);
    }

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
    public void An_element_has_the_same_bits_wherever_it_stands()
    {
        using var x = new NativeArray(100, 1, 3f);
        using var y = new NativeArray(100);
        using var one = new NativeArray(1);
        ActivationMap<GeluErf>.Forward(_pool, x.Pointer, y.Pointer, 100);
        for (var i = 0; i < 100; i++)
        {
            ActivationMap<GeluErf>.Forward(_pool, x.Pointer + i, one.Pointer, 1);
            Assert.Equal(y.Pointer[i], one.Pointer[0]);
        }
    }

    private void Check<TActivation>(Func<double, double> f) where TActivation : struct, IActivation
    {
        const int Length = 20_011;
        using var x = new NativeArray(Length, 1);
        using var y = new NativeArray(Length, 2);
        for (var i = 0; i < Length; i++)
            x.Pointer[i] = (i - Length / 2) * 12f / (Length / 2);
        x.Pointer[0] = -1e30f;
        x.Pointer[1] = 1e30f;
        var inputs = CentralDifference.ToDoubles(x.Span);
        var dy = y.ToArray();
        var dx = Array.ConvertAll(inputs, v => Math.Abs(v) > 1e20 ? v > 0 ? 1 : 0 : (f(v + 1e-5) - f(v - 1e-5)) / 2e-5).Zip(dy, (u, v) => u * v).ToArray();
        ActivationMap<TActivation>.Backward(_pool, x.Pointer, y.Pointer, y.Pointer, Length);
        CentralDifference.Close(dx, y.Span, 2e-6);
        ActivationMap<TActivation>.Forward(_pool, x.Pointer, y.Pointer, Length);
        CentralDifference.Close(Array.ConvertAll(inputs, v => v < -1e20 ? 0 : f(v)), y.Span, 1e-6);
    }

    /// <summary>The normal distribution function by its Taylor series, and in the tail by the continued fraction of its complement.</summary>
    private static double Normal(double x)
    {
        if (Math.Abs(x) > 6)
        {
            var t = Math.Abs(x);
            var fraction = t;
            for (var k = 40; k >= 1; k--)
                fraction = t + k / fraction;
            var tail = Math.Exp(-t * t / 2) / Math.Sqrt(2 * Math.PI) / fraction;
            return x > 0 ? 1 - tail : tail;
        }
        double sum = x, term = x;
        for (var k = 1; k < 200; k++)
        {
            term *= x * x / (2 * k + 1);
            sum += term;
        }
        return 0.5 + sum * Math.Exp(-x * x / 2) / Math.Sqrt(2 * Math.PI);
    }
}
