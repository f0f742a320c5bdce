namespace Stemma.Numerics;

/// <summary>
/// A brain floating-point number: the upper 16 bits of a float32. Conversion rounds to nearest, ties to even.
/// </summary>
/// <param name="Bits">Sign (1), exponent (8), fraction (7).</param>
public readonly record struct BFloat16(ushort Bits)
{
    /// <summary>The nearest bfloat16; NaN stays a (quiet) NaN.</summary>
    public static explicit operator BFloat16(float value)
    {
        var bits = BitConverter.SingleToUInt32Bits(value);
        if (float.IsNaN(value)) return new((ushort)((bits >> 16) | 0x40));
        return new((ushort)((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16));
    }

    /// <summary>The nearest bfloat16, rounded once; NaN stays a (quiet) NaN.</summary>
    public static explicit operator BFloat16(double value)
    {
        // A float32 whose last bit is set wherever bits were lost ("round to odd") rounds on to where the float64 would have.
        var near = (float)value;
        if (double.IsNaN(value) || near == value) return (BFloat16)near;
        var bits = BitConverter.SingleToUInt32Bits(near);
        if (Math.Abs((double)near) > Math.Abs(value)) bits--;
        return (BFloat16)BitConverter.UInt32BitsToSingle(bits | 1);
    }

    /// <summary>The same value as a float32; exact.</summary>
    public static implicit operator float(BFloat16 value) => BitConverter.UInt32BitsToSingle((uint)value.Bits << 16);

    /// <inheritdoc/>
    public override string ToString() => ((float)this).ToString();
}
