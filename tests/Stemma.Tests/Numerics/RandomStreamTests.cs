using Stemma.Numerics;
using Xunit;

namespace Stemma.Tests.Numerics;

/// <summary>Statistics with a fixed seed: these numbers never change, so no test fails by chance.</summary>
public sealed class RandomStreamTests
{
    private const int Count = 100_000;
    private static readonly RandomStream s_stream = new(2024, 7);

    [Fact]
    public void Uniform_numbers_are_uniform()
    {
        double[] x = [.. Enumerable.Range(0, Count).Select(i => s_stream.Uniform((ulong)i))];
        Assert.InRange(x.Min(), 0, 1);
        Assert.InRange(x.Max(), 0, 1 - 1e-16);
        Assert.Equal(0.5, x.Average(), 4 / Math.Sqrt(12.0 * Count));
        Assert.Equal(1.0 / 12, x.Select(value => (value - 0.5) * (value - 0.5)).Average(), 4e-4);
        Assert.InRange(KolmogorovSmirnov(x, value => value), 0, 1.95); // p > 0.001
        Assert.InRange(Correlation(x, 1), -0.0126, 0.0126);
    }

    [Fact]
    public void Normal_numbers_are_normal()
    {
        double[] x = [.. Enumerable.Range(0, Count).Select(i => s_stream.Normal((ulong)i))];
        Assert.Equal(0, x.Average(), 4 / Math.Sqrt(Count));
        Assert.Equal(1, x.Select(value => value * value).Average(), 4 * Math.Sqrt(2.0 / Count));
        Assert.Equal(0, x.Select(value => value * value * value).Average(), 4 * Math.Sqrt(15.0 / Count));
        Assert.Equal(3, x.Select(value => Math.Pow(value, 4)).Average(), 4 * Math.Sqrt(96.0 / Count));
        Assert.InRange(KolmogorovSmirnov(x, value => 0.5 * (1 + Stemma.Numerics.Ops.ErfKernel.Apply(value / Math.Sqrt(2)))), 0, 1.95);
        Assert.InRange(Correlation(x, 1), -0.0126, 0.0126);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(7)]
    [InlineData(100)]
    public void Integers_below_a_bound_are_equally_likely(int bound)
    {
        var counts = new int[bound];
        for (var i = 0; i < Count; i++) counts[s_stream.Below(bound, (ulong)i)]++;
        var expected = (double)Count / bound;
        var chiSquare = counts.Sum(count => (count - expected) * (count - expected) / expected);
        Assert.InRange(chiSquare, 0, bound - 1 + 4 * Math.Sqrt(2.0 * (bound - 1)));
    }

    [Fact]
    public void Every_bit_is_set_half_of_the_time()
    {
        for (var bit = 0; bit < 32; bit++)
        {
            var set = Enumerable.Range(0, 20_000).Count(i => (s_stream.Bits((ulong)i) >> bit & 1) == 1);
            Assert.InRange(set, 10_000 - 300, 10_000 + 300);
        }
    }

    [Fact]
    public void Forks_are_other_streams_and_always_the_same_ones()
    {
        Assert.Equal(s_stream.Fork(3), s_stream.Fork(3));
        Assert.Equal(s_stream.Fork("weight"), s_stream.Fork("weight"));
        RandomStream[] streams = [s_stream, .. Enumerable.Range(0, 500).Select(i => s_stream.Fork((ulong)i)), s_stream.Fork("a"), s_stream.Fork("b"), s_stream.Fork(0).Fork(0), s_stream.Fork(1).Fork(0)];
        Assert.Equal(streams.Length, streams.Distinct().Count());
        var forked = s_stream.Fork(0);
        double[] products = [.. Enumerable.Range(0, 20_000).Select(i => s_stream.Normal((ulong)i) * forked.Normal((ulong)i))];
        Assert.Equal(0, products.Average(), 4 / Math.Sqrt(20_000));
    }

    [Fact]
    public void An_empty_range_is_refused() => Assert.Throws<ArgumentOutOfRangeException>(() => s_stream.Below(0, 0));

    /// <summary>√n times the largest distance between the empirical distribution function and <paramref name="cumulative"/>.</summary>
    private static double KolmogorovSmirnov(double[] values, Func<double, double> cumulative)
    {
        var sorted = values.Order().ToArray();
        var distance = 0.0;
        for (var i = 0; i < sorted.Length; i++)
        {
            var p = cumulative(sorted[i]);
            distance = Math.Max(distance, Math.Max((i + 1.0) / sorted.Length - p, p - (double)i / sorted.Length));
        }
        return Math.Sqrt(values.Length) * distance;
    }

    private static double Correlation(double[] x, int lag)
    {
        var mean = x.Average();
        var variance = x.Select(value => (value - mean) * (value - mean)).Average();
        return x.Skip(lag).Zip(x, (a, b) => (a - mean) * (b - mean)).Average() / variance;
    }
}
