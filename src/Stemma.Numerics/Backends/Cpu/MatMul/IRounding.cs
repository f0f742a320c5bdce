using System.Runtime.Intrinsics;

namespace Stemma.Numerics.Backends.Cpu.MatMul;

/// <summary>What happens to an operand of a matrix product on its way into a panel.</summary>
internal interface IRounding
{
    /// <summary>Whether values pass unchanged, so that packing may be skipped.</summary>
    public static abstract bool IsIdentity { get; }

    /// <summary>Rounds one value.</summary>
    public static abstract float Apply(float x);

    /// <summary>Rounds four values.</summary>
    public static abstract Vector128<float> Apply(Vector128<float> x);

    /// <summary>Rounds eight values.</summary>
    public static abstract Vector256<float> Apply(Vector256<float> x);

    /// <summary>Rounds sixteen values.</summary>
    public static abstract Vector512<float> Apply(Vector512<float> x);
}

/// <summary>Leaves values as they are.</summary>
internal readonly struct NoRounding : IRounding
{
    public static bool IsIdentity => true;

    public static float Apply(float x) => x;

    public static Vector128<float> Apply(Vector128<float> x) => x;

    public static Vector256<float> Apply(Vector256<float> x) => x;

    public static Vector512<float> Apply(Vector512<float> x) => x;
}

/// <summary>Rounds to bfloat16, to nearest even; a NaN stays one.</summary>
/// <remarks>Adding 0x7fff and the lowest kept bit carries into the kept half exactly when the dropped half is above one half, or at it with an odd kept half.</remarks>
internal readonly struct BFloat16Rounding : IRounding
{
    public static bool IsIdentity => false;

    public static float Apply(float x)
    {
        var bits = BitConverter.SingleToUInt32Bits(x);
        return float.IsNaN(x) ? x : BitConverter.UInt32BitsToSingle((bits + 0x7fff + ((bits >> 16) & 1)) & 0xffff0000);
    }

    public static Vector128<float> Apply(Vector128<float> x)
    {
        var bits = x.AsUInt32();
        var rounded = (bits + Vector128.Create(0x7fffu) + ((bits >> 16) & Vector128<uint>.One)) & Vector128.Create(0xffff0000);
        return Vector128.ConditionalSelect(Vector128.Equals(x, x), rounded.AsSingle(), x);
    }

    public static Vector256<float> Apply(Vector256<float> x)
    {
        var bits = x.AsUInt32();
        var rounded = (bits + Vector256.Create(0x7fffu) + ((bits >> 16) & Vector256<uint>.One)) & Vector256.Create(0xffff0000);
        return Vector256.ConditionalSelect(Vector256.Equals(x, x), rounded.AsSingle(), x);
    }

    public static Vector512<float> Apply(Vector512<float> x)
    {
        var bits = x.AsUInt32();
        var rounded = (bits + Vector512.Create(0x7fffu) + ((bits >> 16) & Vector512<uint>.One)) & Vector512.Create(0xffff0000);
        return Vector512.ConditionalSelect(Vector512.Equals(x, x), rounded.AsSingle(), x);
    }
}
