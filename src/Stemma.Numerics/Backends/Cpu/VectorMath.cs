using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Stemma.Numerics.Backends.Cpu;

/// <summary>Elementary functions over sixteen floats, in portable operations that become whatever vectors the processor has.</summary>
internal static class VectorMath
{
    /// <summary>Floats per vector.</summary>
    public const int Width = 16;

    /// <summary>e^x within 2 ulp: −∞ gives 0, overflow +∞, NaN NaN; e⁰ is exactly 1.</summary>
    /// <remarks>x = n·ln 2 + r with |r| ≤ ln 2 ÷ 2; the polynomial for e^r is the one of the Cephes library (Moshier).</remarks>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Exp(Vector512<float> x)
    {
        if (!Avx512F.IsSupported) return VectorMath256.Exp(x);
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
        return Avx512F.Scale(p, n);
    }

    /// <summary>e^x where what lies below the normal numbers is as good as nothing: within 2 ulp for |x| ≤ 87, somewhere between 0 and e^x below −87.3; −∞ gives 0, NaN NaN.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> ExpToNormal(Vector512<float> x) => Avx512F.IsSupported ? Exp(x) : VectorMath256.ExpToNormal(x);

    /// <summary>2^x for x ≤ 128 within 1 ulp: −∞ gives 0, NaN NaN; 2⁰ is exactly 1.</summary>
    /// <remarks>The polynomial interpolates (2^r − 1) ÷ r at the Chebyshev nodes of |r| ≤ ½.</remarks>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Exp2(Vector512<float> x)
    {
        if (!Avx512F.IsSupported) return VectorMath256.Exp2(x);
        // x stands second: a native maximum gives back its second operand if either is NaN.
        x = Vector512.MaxNative(Vector512.Create(-160f), x);
        var n = Avx512F.RoundScale(x, 0);
        var r = x - n;
        var p = Vector512.Create(1.545316294e-4f);
        p = Vector512.MultiplyAddEstimate(p, r, Vector512.Create(1.339086336e-3f));
        p = Vector512.MultiplyAddEstimate(p, r, Vector512.Create(9.618082557e-3f));
        p = Vector512.MultiplyAddEstimate(p, r, Vector512.Create(5.550357114e-2f));
        p = Vector512.MultiplyAddEstimate(p, r, Vector512.Create(2.402265076e-1f));
        p = Vector512.MultiplyAddEstimate(p, r, Vector512.Create(6.931471880e-1f));
        p = Vector512.MultiplyAddEstimate(p, r, Vector512<float>.One);
        return Avx512F.Scale(p, n);
    }

    /// <summary>1 ÷ (1 + e^−x).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Sigmoid(Vector512<float> x) =>
        Avx512F.IsSupported ? Vector512<float>.One / (Vector512<float>.One + Exp(-x)) : VectorMath256.Sigmoid(x);

    /// <summary>1 ÷ (1 + 2^x) within 3 units in the last place, for x up to 126; no smaller beyond it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Logistic2(Vector512<float> x) =>
        Vector512<float>.One / (Vector512<float>.One + Exp2(Vector512.MinNative(Vector512.Create(126f), x)));

    /// <summary>1 + erf(x) is twice the normal distribution function at x·√2; this is erf, within about 1 ulp.</summary>
    /// <remarks>Two minimax polynomials, in x near zero and in the exponent elsewhere, after Juffa.</remarks>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Erf(Vector512<float> x)
    {
        if (!Avx512F.IsSupported) return VectorMath256.Erf(x);
        var t = Vector512.MinNative(Vector512.Create(10f), Vector512.Abs(x));
        var s = x * x;
        var r = Vector512.MultiplyAddEstimate(Vector512.Create(-1.72853470e-5f), t, Vector512.Create(3.83197126e-4f));
        var u = Vector512.MultiplyAddEstimate(Vector512.Create(-3.88396438e-3f), t, Vector512.Create(2.42546219e-2f));
        r = Vector512.MultiplyAddEstimate(r, t * t, u);
        r = Vector512.MultiplyAddEstimate(r, t, Vector512.Create(-1.06777877e-1f));
        r = Vector512.MultiplyAddEstimate(r, t, Vector512.Create(-6.34846687e-1f));
        r = Vector512.MultiplyAddEstimate(r, t, Vector512.Create(-1.28717512e-1f));
        r = Vector512.MultiplyAddEstimate(r, t, -t);
        var far = Vector512.CopySign(Vector512<float>.One - Exp(r), x);
        var near = Vector512.Create(-5.96761703e-4f);
        near = Vector512.MultiplyAddEstimate(near, s, Vector512.Create(4.99119423e-3f));
        near = Vector512.MultiplyAddEstimate(near, s, Vector512.Create(-2.67681349e-2f));
        near = Vector512.MultiplyAddEstimate(near, s, Vector512.Create(1.12819925e-1f));
        near = Vector512.MultiplyAddEstimate(near, s, Vector512.Create(-3.76125336e-1f));
        near = Vector512.MultiplyAddEstimate(near, s, Vector512.Create(1.28379166e-1f));
        near = Vector512.MultiplyAddEstimate(near, x, x);
        return Vector512.ConditionalSelect(Vector512.GreaterThan(t, Vector512.Create(0.927734375f)), far, near);
    }

    /// <summary>tanh x: an odd polynomial near zero, where 1 − 2/(e²ˣ + 1) would cancel.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Tanh(Vector512<float> x)
    {
        if (!Avx512F.IsSupported) return VectorMath256.Tanh(x);
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

    /// <summary>
    /// The next sixteen floats of a row that has <paramref name="left"/> more, lanes beyond its end <paramref name="filler"/>. A row's tail
    /// so goes through the same vector code as its middle.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static unsafe Vector512<float> Load(float* source, nint left, float filler = 0f)
    {
        if (left >= 16)
            return Vector512.Load(source);
        if (Avx512F.IsSupported)
            return Avx512F.MaskLoad(source, Lanes(left), Vector512.Create(filler));
        return Avx2.IsSupported ? VectorMath256.MaskLoad(source, left, filler) : LoadPart(source, left, filler);
    }

    /// <summary>Stores those of sixteen lanes that the row has room for.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static unsafe void Store(Vector512<float> x, float* target, nint left)
    {
        if (left >= 16)
            x.Store(target);
        else if (Avx512F.IsSupported)
            Avx512F.MaskStore(target, Lanes(left), x);
        else if (Avx2.IsSupported)
            VectorMath256.MaskStore(x, target, left);
        else
            StorePart(x, target, left);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Lanes(nint count) =>
        Vector512.LessThan(Vector512.Create(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15), Vector512.Create((int)count)).AsSingle();

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static unsafe Vector512<float> LoadPart(float* source, nint count, float filler)
    {
        var values = stackalloc float[16];
        Vector512.Create(filler).Store(values);
        for (nint i = 0; i < count; i++)
            values[i] = source[i];
        return Vector512.Load(values);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static unsafe void StorePart(Vector512<float> x, float* target, nint count)
    {
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
