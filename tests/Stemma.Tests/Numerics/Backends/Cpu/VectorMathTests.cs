using System.Runtime.Intrinsics;
using Stemma.Numerics.Backends.Cpu;
using Xunit;

namespace Stemma.Tests.Numerics.Backends.Cpu;

public sealed class VectorMathTests
{
    [Fact]
    public void Exp_is_within_two_units_in_the_last_place()
    {
        var worst = 0.0;
        for (var x = -103.9f; x < 88.72f; x += 0.00731f)
        {
            var expected = Math.Exp(x);
            var unit = Math.Max(Math.ScaleB(1, Math.ILogB(expected) - 23), float.Epsilon);
            worst = Math.Max(worst, Math.Abs(Exp(x) - expected) / unit);
        }
        Assert.InRange(worst, 0, 2);
    }

    [Fact]
    public void Exp_keeps_special_values()
    {
        Assert.Equal(1f, Exp(0f));
        Assert.Equal(1f, Exp(-0f));
        Assert.Equal(0f, Exp(float.NegativeInfinity));
        Assert.Equal(0f, Exp(-1000f));
        Assert.Equal(float.PositiveInfinity, Exp(float.PositiveInfinity));
        Assert.Equal(float.PositiveInfinity, Exp(89f));
        Assert.True(float.IsNaN(Exp(float.NaN)));
    }

    private static float Exp(float x) => VectorMath.Exp(Vector512.Create(x))[5];
}
