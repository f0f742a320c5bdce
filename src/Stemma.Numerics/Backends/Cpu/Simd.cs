using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Stemma.Numerics.Backends.Cpu;

/// <summary>Functions over sixteen floats, written with portable vectors: one zmm, two ymm or four xmm, as the processor has them.</summary>
internal static unsafe class Simd
{
    /// <summary>Floats per vector.</summary>
    public const int Width = 16;

    /// <summary>eˣ within 2 units in the last place; 0 below about −104, ∞ above about 88.7, NaN for NaN.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Exp(Vector512<float> x)
    {
        x = Vector512.MaxNative(Vector512.Create(-104f), Vector512.MinNative(Vector512.Create(89f), x));
        // x = n·ln 2 + r, |r| ≤ ln 2 / 2; adding 1.5·2²³ rounds to an integer.
        var n = Vector512.MultiplyAddEstimate(x, Vector512.Create(1.44269504f), Vector512.Create(12582912f)) - Vector512.Create(12582912f);
        var r = Vector512.MultiplyAddEstimate(n, Vector512.Create(-0.693145752f), x);
        r = Vector512.MultiplyAddEstimate(n, Vector512.Create(-1.42860677e-6f), r);
        var p = Vector512.Create(1.9841270e-4f);
        p = Vector512.MultiplyAddEstimate(p, r, Vector512.Create(1.3888889e-3f));
        p = Vector512.MultiplyAddEstimate(p, r, Vector512.Create(8.3333333e-3f));
        p = Vector512.MultiplyAddEstimate(p, r, Vector512.Create(4.1666667e-2f));
        p = Vector512.MultiplyAddEstimate(p, r, Vector512.Create(1.6666667e-1f));
        p = Vector512.MultiplyAddEstimate(p, r, Vector512.Create(0.5f));
        p = Vector512.MultiplyAddEstimate(p, r, Vector512<float>.One);
        p = Vector512.MultiplyAddEstimate(p, r, Vector512<float>.One);
        // 2ⁿ in two factors, so that neither leaves the normal range where the result is subnormal or infinite.
        var exponent = Vector512.ConvertToInt32Native(n);
        var half = exponent >> 1;
        return p * PowerOfTwo(half) * PowerOfTwo(exponent - half);
    }

    /// <summary>1 / (1 + e⁻ˣ).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Sigmoid(Vector512<float> x) => Vector512<float>.One / (Vector512<float>.One + Exp(-x));

    /// <summary>tanh x: an odd polynomial near zero, where 1 − 2/(e²ˣ + 1) would cancel.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Tanh(Vector512<float> x)
    {
        var far = Vector512<float>.One - Vector512.Create(2f) / (Exp(x + x) + Vector512<float>.One);
        var s = x * x;
        var p = Vector512.Create(-5.70498872745e-3f);
        p = Vector512.MultiplyAddEstimate(p, s, Vector512.Create(2.06390887954e-2f));
        p = Vector512.MultiplyAddEstimate(p, s, Vector512.Create(-5.37397155531e-2f));
        p = Vector512.MultiplyAddEstimate(p, s, Vector512.Create(1.33314422036e-1f));
        p = Vector512.MultiplyAddEstimate(p, s, Vector512.Create(-3.33332819422e-1f));
        var near = Vector512.MultiplyAddEstimate(p * s, x, x);
        return Vector512.ConditionalSelect(Vector512.LessThan(Vector512.Abs(x), Vector512.Create(0.625f)), near, far);
    }

    /// <summary>The error function within 1.5·10⁻⁷. Abramowitz &amp; Stegun, 7.1.26; near zero its Maclaurin series.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Erf(Vector512<float> x)
    {
        var z = Vector512.Abs(x);
        var t = Vector512<float>.One / Vector512.MultiplyAddEstimate(z, Vector512.Create(0.3275911f), Vector512<float>.One);
        var p = Vector512.Create(1.061405429f);
        p = Vector512.MultiplyAddEstimate(p, t, Vector512.Create(-1.453152027f));
        p = Vector512.MultiplyAddEstimate(p, t, Vector512.Create(1.421413741f));
        p = Vector512.MultiplyAddEstimate(p, t, Vector512.Create(-0.284496736f));
        p = Vector512.MultiplyAddEstimate(p, t, Vector512.Create(0.254829592f));
        var far = Vector512.CopySign(Vector512<float>.One - p * t * Exp(-z * z), x);
        var s = x * x;
        var q = Vector512.Create(-7.5757576e-4f);
        q = Vector512.MultiplyAddEstimate(q, s, Vector512.Create(4.6296296e-3f));
        q = Vector512.MultiplyAddEstimate(q, s, Vector512.Create(-2.3809524e-2f));
        q = Vector512.MultiplyAddEstimate(q, s, Vector512.Create(0.1f));
        q = Vector512.MultiplyAddEstimate(q, s, Vector512.Create(-1f / 3));
        q = Vector512.MultiplyAddEstimate(q, s, Vector512<float>.One);
        return Vector512.ConditionalSelect(Vector512.LessThan(z, Vector512.Create(0.5f)), q * x * 1.1283791671f, far);
    }

    /// <summary>The first <paramref name="count"/> &lt; 16 floats, then zeros.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> LoadPart(float* source, long count)
    {
        var buffer = Vector512<float>.Zero;
        for (var i = 0; i < count; i++) ((float*)&buffer)[i] = source[i];
        return buffer;
    }

    /// <summary>Stores the first <paramref name="count"/> &lt; 16 floats.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StorePart(Vector512<float> value, float* target, long count)
    {
        for (var i = 0; i < count; i++) target[i] = ((float*)&value)[i];
    }

    private static Vector512<float> PowerOfTwo(Vector512<int> n) => ((n + Vector512.Create(127)) << 23).AsSingle();
}
