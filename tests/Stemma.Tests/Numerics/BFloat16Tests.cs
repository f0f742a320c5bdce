using Stemma.Numerics;
using Xunit;

namespace Stemma.Tests.Numerics;

public sealed class BFloat16Tests
{
    [Fact]
    public void Every_bfloat16_survives_float32_and_float64()
    {
        for (var bits = 0; bits <= ushort.MaxValue; bits++)
        {
            var value = new BFloat16((ushort)bits);
            if (float.IsNaN(value))
            {
                Assert.True(float.IsNaN((BFloat16)(float)value) && float.IsNaN((BFloat16)(double)(float)value));
                continue;
            }
            Assert.Equal(value, (BFloat16)(float)value);
            Assert.Equal(value, (BFloat16)(double)(float)value);
        }
    }

    [Fact]
    public void Rounding_goes_to_the_nearest_and_ties_to_the_even_one()
    {
        for (var bits = 0; bits < 0x7F80; bits++)
        {
            float below = new BFloat16((ushort)bits), above = new BFloat16((ushort)(bits + 1));

            var middle = BitConverter.UInt32BitsToSingle(((uint)bits << 16) | 0x8000);
            var even = bits % 2 == 0 ? below : above;
            Same(even, (BFloat16)middle, (BFloat16)(double)middle, -(float)(BFloat16)(-middle));
            Same(below, (BFloat16)MathF.BitDecrement(middle), -(float)(BFloat16)(-MathF.BitDecrement(middle)));
            Same(above, (BFloat16)MathF.BitIncrement(middle), -(float)(BFloat16)(-MathF.BitIncrement(middle)));
            // Off the middle by less than a float32 can tell: rounding twice would lose it.
            Same(below, (BFloat16)Math.BitDecrement((double)middle), -(float)(BFloat16)(-Math.BitDecrement((double)middle)));
            Same(above, (BFloat16)Math.BitIncrement((double)middle), -(float)(BFloat16)(-Math.BitIncrement((double)middle)));
        }

        static void Same(float expected, params ReadOnlySpan<float> actual)
        {
            foreach (var value in actual)
                if (value != expected) Assert.Fail($"Expected {expected:R}, got {value:R}.");
        }
    }

    [Fact]
    public void Special_values_keep_their_kind()
    {
        Assert.Equal(float.PositiveInfinity, (BFloat16)float.PositiveInfinity);
        Assert.Equal(float.NegativeInfinity, (BFloat16)double.NegativeInfinity);
        Assert.Equal(float.PositiveInfinity, (BFloat16)float.MaxValue);
        Assert.Equal(float.PositiveInfinity, (BFloat16)1e300);
        Assert.Equal(0x8000, ((BFloat16)(-0f)).Bits);
        Assert.Equal(0x8000, ((BFloat16)(-1e-300)).Bits);
        Assert.Equal(0, ((BFloat16)float.Epsilon).Bits);
        Assert.Equal(1, ((BFloat16)9.2e-41f).Bits);
        // A NaN whose payload lies in the lower half only must not become an infinity.
        Assert.True(float.IsNaN((BFloat16)BitConverter.UInt32BitsToSingle(0x7F800001)));
        Assert.True(float.IsNaN((BFloat16)BitConverter.UInt32BitsToSingle(0xFFFFFFFF)));
        Assert.True(float.IsNaN((BFloat16)double.NaN));
        Assert.Equal("1.5", ((BFloat16)1.5f).ToString());
    }
}
