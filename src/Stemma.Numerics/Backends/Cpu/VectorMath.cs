using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Stemma.Numerics.Backends.Cpu;

/// <summary>Elementary functions over sixteen floats, in portable operations that become whatever vectors the processor has.</summary>
internal static class VectorMath
{
    /// <summary>e^x within 2 ulp: −∞ gives 0, overflow +∞, NaN NaN; e⁰ is exactly 1.</summary>
    /// <remarks>x = n·ln 2 + r with |r| ≤ ln 2 ÷ 2; the polynomial for e^r is the one of the Cephes library (Moshier).</remarks>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Exp(Vector512<float> x)
    {
        // x stands second: a native minimum gives back its second operand if either is NaN.
        x = Vector512.MaxNative(Vector512.Create(-110f), Vector512.MinNative(Vector512.Create(88.8f), x));
        // Adding 1.5·2²³ rounds to an integer, which then stands in the low bits.
        var shifted = Vector512.MultiplyAddEstimate(x, Vector512.Create(1.44269504f), Vector512.Create(12582912f));
        var n = shifted - Vector512.Create(12582912f);
        var r = Vector512.MultiplyAddEstimate(n, Vector512.Create(-0.693359375f), x);
        r = Vector512.MultiplyAddEstimate(n, Vector512.Create(2.12194440e-4f), r);
        var p = Vector512.Create(1.9875691500e-4f);
        p = Vector512.MultiplyAddEstimate(p, r, Vector512.Create(1.3981999507e-3f));
        p = Vector512.MultiplyAddEstimate(p, r, Vector512.Create(8.3334519073e-3f));
        p = Vector512.MultiplyAddEstimate(p, r, Vector512.Create(4.1665795894e-2f));
        p = Vector512.MultiplyAddEstimate(p, r, Vector512.Create(1.6666665459e-1f));
        p = Vector512.MultiplyAddEstimate(p, r, Vector512.Create(5.0000001201e-1f));
        p = Vector512.MultiplyAddEstimate(p, r * r, r) + Vector512<float>.One;
        if (Avx512F.IsSupported)
            return Avx512F.Scale(p, n);
        // 2ⁿ in two factors, so that results below the normal range and above it come out right.
        var exponent = shifted.AsInt32() - Vector512.Create(0x4B400000);
        var half = exponent >> 1;
        var first = ((half + Vector512.Create(127)) << 23).AsSingle();
        var second = ((exponent - half + Vector512.Create(127)) << 23).AsSingle();
        return p * first * second;
    }

    /// <summary>1 ÷ (1 + e^−x).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Sigmoid(Vector512<float> x) => Vector512<float>.One / (Vector512<float>.One + Exp(-x));

    /// <summary>The first <paramref name="count"/> of sixteen floats, the other lanes <paramref name="filler"/>; reads no further than them.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static unsafe Vector512<float> LoadPart(float* source, nint count, float filler)
    {
        if (count >= 16)
            return Vector512.Load(source);
        var values = stackalloc float[16];
        Vector512.Create(filler).Store(values);
        for (nint i = 0; i < count; i++)
            values[i] = source[i];
        return Vector512.Load(values);
    }

    /// <summary>Stores the first <paramref name="count"/> lanes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static unsafe void StorePart(Vector512<float> x, float* target, nint count)
    {
        if (count >= 16)
        {
            x.Store(target);
            return;
        }
        var values = stackalloc float[16];
        x.Store(values);
        for (nint i = 0; i < count; i++)
            target[i] = values[i];
    }

    /// <summary>The largest of sixteen floats.</summary>
    public static float Max(Vector512<float> x)
    {
        var y = Vector256.MaxNative(x.GetLower(), x.GetUpper());
        var z = Vector128.MaxNative(y.GetLower(), y.GetUpper());
        return MathF.Max(MathF.Max(z[0], z[1]), MathF.Max(z[2], z[3]));
    }

    /// <summary>The sum of sixteen floats, always added in the same order.</summary>
    public static float Sum(Vector512<float> x)
    {
        var y = x.GetLower() + x.GetUpper();
        var z = y.GetLower() + y.GetUpper();
        return z[0] + z[2] + (z[1] + z[3]);
    }
}
