using Xunit;

namespace Stemma.Tests.Numerics.Backends.Cpu;

/// <summary>Gradients by central differences in double precision, and comparison against them.</summary>
internal static class CentralDifference
{
    private const double Step = 1e-5;

    /// <summary>The gradient of Σ dy·f(x) with respect to x.</summary>
    public static double[] Gradient(Func<double[], double[]> f, double[] x, double[] dy)
    {
        var gradient = new double[x.Length];
        for (var i = 0; i < x.Length; i++)
        {
            var kept = x[i];
            x[i] = kept + Step;
            var above = Product(f(x), dy);
            x[i] = kept - Step;
            var below = Product(f(x), dy);
            x[i] = kept;
            gradient[i] = (above - below) / (2 * Step);
        }
        return gradient;
    }

    public static double[] ToDoubles(ReadOnlySpan<float> x) => Array.ConvertAll(x.ToArray(), v => (double)v);

    public static void Close(double[] expected, ReadOnlySpan<float> actual, double tolerance)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (var i = 0; i < expected.Length; i++)
        {
            if (!(Math.Abs(expected[i] - actual[i]) <= tolerance * (1 + Math.Abs(expected[i]))))
                Assert.Fail($"element {i} is {actual[i]}, not {expected[i]}");
        }
    }

    private static double Product(double[] x, double[] y) => x.Zip(y, (u, v) => u * v).Sum();
}
