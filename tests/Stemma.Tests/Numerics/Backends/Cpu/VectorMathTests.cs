using System.Runtime.Intrinsics;
using Stemma.Numerics.Backends.Cpu;
using Stemma.Numerics.Ops;
using Xunit;

namespace Stemma.Tests.Numerics.Backends.Cpu;

/// <summary>Errors over dense ranges, in units in the last place of the exact float64 result.</summary>
public sealed class VectorMathTests
{
    private delegate Vector512<float> Function(Vector512<float> x);

    [Fact]
    public void Exp_is_within_two_units_in_the_last_place() => Check(VectorMath.Exp, Math.Exp, -103.9f, 88.72f, 400_000, 2);

    [Fact]
    public void Tanh_is_within_three_units_in_the_last_place()
    {
        Check(VectorMath.Tanh, Math.Tanh, -12, 12, 200_000, 3);
        Check(VectorMath.Tanh, Math.Tanh, -0.01f, 0.01f, 50_000, 1.5);
    }

    [Fact]
    public void Sigmoid_is_within_three_units_in_the_last_place() => Check(VectorMath.Sigmoid, x => 1 / (1 + Math.Exp(-x)), -87, 40, 200_000, 3);

    [Fact]
    public void Logistic2_is_within_three_units_in_the_last_place()
    {
        Check(VectorMath.Logistic2, x => 1 / (1 + Math.Pow(2, x)), -60, 120, 200_000, 3);
        Assert.Equal([1f, float.NaN], At(VectorMath.Logistic2, float.NegativeInfinity, float.NaN));
        Assert.All(At(VectorMath.Logistic2, 127, float.MaxValue, float.PositiveInfinity), y => Assert.InRange(y, 0, 1.2e-38f));
    }

    [Fact]
    public void Erf_is_within_two_units_in_the_last_place()
    {
        Check(VectorMath.Erf, ErfKernel.Apply, -6, 6, 100_000, 2);
        Check(VectorMath.Erf, ErfKernel.Apply, -0.01f, 0.01f, 50_000, 1.5);
    }

    [Fact]
    public void The_definition_of_erf_is_exact_to_float64()
    {
        // Abramowitz and Stegun, table 7.1, and values to sixteen digits.
        Assert.Equal(0.5204998778130465, ErfKernel.Apply(0.5), 1e-16);
        Assert.Equal(0.8427007929497149, ErfKernel.Apply(1.0), 1e-15);
        Assert.Equal(0.9953222650189527, ErfKernel.Apply(2.0), 1e-15);
        Assert.Equal(0.999593047982555, ErfKernel.Apply(2.5), 1e-15);
        Assert.Equal(-0.9999779095030014, ErfKernel.Apply(-3.0), 1e-15);
        Assert.Equal(1, ErfKernel.Apply(double.PositiveInfinity));
        Assert.True(double.IsNaN(ErfKernel.Apply(double.NaN)));
    }

    [Fact]
    public void Special_values_are_kept()
    {
        Assert.Equal([1f, 1f, 0f, 0f, float.PositiveInfinity, float.PositiveInfinity, float.NaN], At(VectorMath.Exp, 0f, -0f, float.NegativeInfinity, -1000f, float.PositiveInfinity, 89f, float.NaN));
        Assert.Equal([0f, -1f, 1f, -1f, 1f, float.NaN], At(VectorMath.Tanh, 0f, float.NegativeInfinity, float.PositiveInfinity, -1e30f, 50f, float.NaN));
        Assert.Equal([0.5f, 0f, 1f, 0f, 1f, float.NaN], At(VectorMath.Sigmoid, 0f, float.NegativeInfinity, float.PositiveInfinity, -1e30f, 50f, float.NaN));
        Assert.Equal([0f, -1f, 1f, -1f, 1f, float.NaN], At(VectorMath.Erf, 0f, float.NegativeInfinity, float.PositiveInfinity, -1e30f, 50f, float.NaN));
    }

    [Fact]
    public void Results_below_the_normal_range_are_rounded_once()
    {
        for (var x = -103.97f; x < -87f; x += 0.0021f)
            Assert.Equal(Math.Exp(x), VectorMath.Exp(Vector512.Create(x))[0], 1.01 * float.Epsilon + 2e-7 * Math.Exp(x));
        Assert.Equal(0f, VectorMath.Exp(Vector512.Create(-103.98f))[0]);
    }

    [Fact]
    public void A_lane_does_not_depend_on_its_neighbours()
    {
        var x = Vector512.Create(-3f, 88f, float.NaN, 0.1f, -200f, 5f, float.PositiveInfinity, -0.7f, 1e-30f, 2f, 3f, 4f, 5f, 6f, 7f, 8f);
        foreach (var function in new Function[] { VectorMath.Exp, VectorMath.Tanh, VectorMath.Sigmoid, VectorMath.Erf })
            for (var lane = 0; lane < 16; lane++)
                Assert.Equal(function(Vector512.Create(x[lane]))[0], function(x)[lane]);
    }

    private static void Check(Function actual, Func<double, double> exact, float low, float high, int count, double units)
    {
        var (worst, at) = (0.0, 0f);
        for (var i = 0; i < count; i += 16)
        {
            var x = Vector512.Create(low + (high - low) * i / count) + Vector512<float>.Indices * ((high - low) / count);
            var y = actual(x);
            for (var lane = 0; lane < 16; lane++)
            {
                var expected = exact(x[lane]);
                var unit = Math.Max(Math.ScaleB(1, expected == 0 ? -149 : Math.ILogB(expected) - 23), float.Epsilon);
                var error = Math.Abs(y[lane] - expected) / unit;
                if (!(error <= worst)) (worst, at) = (error, x[lane]);
            }
        }
        Assert.True(worst <= units, $"Off by {worst:F2} units in the last place at {at:R}; {units} are allowed.");
    }

    private static float[] At(Function function, params float[] x) => [.. x.Select(value => function(Vector512.Create(value))[5])];
}
