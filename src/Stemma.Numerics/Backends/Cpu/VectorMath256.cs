using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Stemma.Numerics.Backends.Cpu;

/// <summary>
/// The functions of <see cref="VectorMath"/> in two halves of eight floats, for processors without 512-bit registers: there every
/// operation on sixteen floats is a call to be inlined, and long functions would exhaust the compiler's budget for that.
/// </summary>
internal static unsafe class VectorMath256
{
    // Sixteen lanes that a row has, then as many that it has not: read from 16 − n on, they are the mask of n lanes.
    private static ReadOnlySpan<int> LaneMasks =>
        [-1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];

    /// <summary>The first <paramref name="count"/> of sixteen floats, 0 ≤ count ≤ 16, the others <paramref name="filler"/>. Needs AVX2.</summary>
    /// <remarks>No call, and no value that passes through memory: a loop keeps its sums in registers only if there is neither.</remarks>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> MaskLoad(float* source, nint count, float filler)
    {
        var masks = (int*)Unsafe.AsPointer(ref MemoryMarshal.GetReference(LaneMasks)) + (16 - count);
        Vector256<float> lower = Vector256.Load(masks).AsSingle(), upper = Vector256.Load(masks + 8).AsSingle(), other = Vector256.Create(filler);
        return Vector512.Create(
            Avx.BlendVariable(other, Avx.MaskLoad(source, lower), lower),
            Avx.BlendVariable(other, Avx.MaskLoad(source + 8, upper), upper));
    }

    /// <summary>Stores the first <paramref name="count"/> of sixteen floats, 0 ≤ count ≤ 16. Needs AVX2.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void MaskStore(Vector512<float> x, float* target, nint count)
    {
        var masks = (int*)Unsafe.AsPointer(ref MemoryMarshal.GetReference(LaneMasks)) + (16 - count);
        Avx.MaskStore(target, Vector256.Load(masks).AsSingle(), x.GetLower());
        Avx.MaskStore(target + 8, Vector256.Load(masks + 8).AsSingle(), x.GetUpper());
    }

    /// <summary>See <see cref="VectorMath.Exp"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Exp(Vector512<float> x) => Vector512.Create(Exp(x.GetLower()), Exp(x.GetUpper()));

    /// <summary>See <see cref="VectorMath.ExpToNormal"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> ExpToNormal(Vector512<float> x) => Vector512.Create(ExpToNormal(x.GetLower()), ExpToNormal(x.GetUpper()));

    /// <summary>See <see cref="VectorMath.Exp2"/>, but 0 below 2⁻¹²⁶·⁵.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Exp2(Vector512<float> x) => Vector512.Create(Exp2(x.GetLower()), Exp2(x.GetUpper()));

    /// <summary>See <see cref="VectorMath.Sigmoid"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Sigmoid(Vector512<float> x) => Vector512.Create(Sigmoid(x.GetLower()), Sigmoid(x.GetUpper()));

    /// <summary>See <see cref="VectorMath.Erf"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Erf(Vector512<float> x) => Vector512.Create(Erf(x.GetLower()), Erf(x.GetUpper()));

    /// <summary>See <see cref="VectorMath.Tanh"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Tanh(Vector512<float> x) => Vector512.Create(Tanh(x.GetLower()), Tanh(x.GetUpper()));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> Exp(Vector256<float> x)
    {
        var p = Mantissa(Vector256.MaxNative(Vector256.Create(-110f), Vector256.MinNative(Vector256.Create(88.8f), x)), out var shifted);
        // 2ⁿ in two factors, so that results below the normal range and above it come out right.
        var exponent = shifted.AsInt32() - Vector256.Create(0x4B400000);
        var half = exponent >> 1;
        var first = ((half + Vector256.Create(127)) << 23).AsSingle();
        var second = ((exponent - half + Vector256.Create(127)) << 23).AsSingle();
        return p * first * second;
    }

    /// <summary>See <see cref="VectorMath.ExpToNormal"/>; +∞ above 88.4.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> ExpToNormal(Vector256<float> x) =>
        Mantissa(Vector256.MaxNative(Vector256.Create(-88.02f), Vector256.MinNative(Vector256.Create(88.8f), x)), out var shifted) * PowerOfTwo(shifted);

    /// <summary>2ⁿ for −127 ≤ n ≤ 128 of n + 1.5·2²³: 0 for −127, +∞ for 128.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> PowerOfTwo(Vector256<float> shifted) => ((shifted.AsInt32() + Vector256.Create(127 - 0x4B400000)) << 23).AsSingle();

    /// <summary>e^x ÷ 2ⁿ, and n + 1.5·2²³.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> Mantissa(Vector256<float> x, out Vector256<float> shifted)
    {
        shifted = Vector256.MultiplyAddEstimate(x, Vector256.Create(1.44269504f), Vector256.Create(12582912f));
        var n = shifted - Vector256.Create(12582912f);
        var r = Vector256.MultiplyAddEstimate(n, Vector256.Create(-0.693359375f), x);
        r = Vector256.MultiplyAddEstimate(n, Vector256.Create(2.12194440e-4f), r);
        var square = r * r;
        var p = Pair(r, 1.9875691500e-4f, 1.3981999507e-3f);
        p = Vector256.MultiplyAddEstimate(p, square, Pair(r, 8.3334519073e-3f, 4.1665795894e-2f));
        p = Vector256.MultiplyAddEstimate(p, square, Pair(r, 1.6666665459e-1f, 5.0000001201e-1f));
        return Vector256.MultiplyAddEstimate(p, square, r) + Vector256<float>.One;
    }

    /// <summary>See <see cref="VectorMath.Exp2"/>, but 0 below 2⁻¹²⁶·⁵.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Exp2(Vector256<float> x)
    {
        x = Vector256.MaxNative(Vector256.Create(-127f), x);
        var shifted = x + Vector256.Create(12582912f);
        var r = x - (shifted - Vector256.Create(12582912f));
        var square = r * r;
        var p = Vector256.MultiplyAddEstimate(Vector256.Create(1.545316294e-4f), square, Pair(r, 1.339086336e-3f, 9.618082557e-3f));
        p = Vector256.MultiplyAddEstimate(p, square, Pair(r, 5.550357114e-2f, 2.402265076e-1f));
        p = Vector256.MultiplyAddEstimate(p, square, Pair(r, 6.931471880e-1f, 1f));
        return p * PowerOfTwo(shifted);
    }

    /// <summary>Two terms of a polynomial, a·r + b: taken in pairs they wait for each other half as often.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> Pair(Vector256<float> r, float a, float b) => Vector256.MultiplyAddEstimate(Vector256.Create(a), r, Vector256.Create(b));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Sigmoid(Vector256<float> x) => Vector256<float>.One / (Vector256<float>.One + ExpToNormal(-x));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> Erf(Vector256<float> x)
    {
        var t = Vector256.MinNative(Vector256.Create(10f), Vector256.Abs(x));
        var s = x * x;
        var r = Vector256.MultiplyAddEstimate(Vector256.Create(-1.72853470e-5f), t, Vector256.Create(3.83197126e-4f));
        var u = Vector256.MultiplyAddEstimate(Vector256.Create(-3.88396438e-3f), t, Vector256.Create(2.42546219e-2f));
        r = Vector256.MultiplyAddEstimate(r, t * t, u);
        r = Vector256.MultiplyAddEstimate(r, t, Vector256.Create(-1.06777877e-1f));
        r = Vector256.MultiplyAddEstimate(r, t, Vector256.Create(-6.34846687e-1f));
        r = Vector256.MultiplyAddEstimate(r, t, Vector256.Create(-1.28717512e-1f));
        r = Vector256.MultiplyAddEstimate(r, t, -t);
        var far = Vector256.CopySign(Vector256<float>.One - ExpToNormal(r), x);
        var near = Vector256.Create(-5.96761703e-4f);
        near = Vector256.MultiplyAddEstimate(near, s, Vector256.Create(4.99119423e-3f));
        near = Vector256.MultiplyAddEstimate(near, s, Vector256.Create(-2.67681349e-2f));
        near = Vector256.MultiplyAddEstimate(near, s, Vector256.Create(1.12819925e-1f));
        near = Vector256.MultiplyAddEstimate(near, s, Vector256.Create(-3.76125336e-1f));
        near = Vector256.MultiplyAddEstimate(near, s, Vector256.Create(1.28379166e-1f));
        near = Vector256.MultiplyAddEstimate(near, x, x);
        return Vector256.ConditionalSelect(Vector256.GreaterThan(t, Vector256.Create(0.927734375f)), far, near);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Tanh(Vector256<float> x)
    {
        var far = Vector256<float>.One - Vector256.Create(2f) / (ExpToNormal(x + x) + Vector256<float>.One);
        var s = x * x;
        var p = Vector256.Create(-5.70498872745e-3f);
        p = Vector256.MultiplyAddEstimate(p, s, Vector256.Create(2.06390887954e-2f));
        p = Vector256.MultiplyAddEstimate(p, s, Vector256.Create(-5.37397155531e-2f));
        p = Vector256.MultiplyAddEstimate(p, s, Vector256.Create(1.33314422036e-1f));
        p = Vector256.MultiplyAddEstimate(p, s, Vector256.Create(-3.33332819422e-1f));
        var near = Vector256.MultiplyAddEstimate(p * s, x, x);
        return Vector256.ConditionalSelect(Vector256.LessThan(Vector256.Abs(x), Vector256.Create(0.625f)), near, far);
    }
}
