using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Stemma.Numerics.Backends.Cpu;

/// <summary>
/// The functions of <see cref="VectorMath"/> in two halves of eight floats, for processors without 512-bit registers: there every
/// operation on sixteen floats is a call to be inlined, and long functions would exhaust the compiler's budget for that.
/// </summary>
internal static class VectorMath256
{
    /// <summary>See <see cref="VectorMath.Exp"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Exp(Vector512<float> x) => Vector512.Create(Exp(x.GetLower()), Exp(x.GetUpper()));

    /// <summary>See <see cref="VectorMath.Exp2"/>.</summary>
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
        x = Vector256.MaxNative(Vector256.Create(-110f), Vector256.MinNative(Vector256.Create(88.8f), x));
        var shifted = Vector256.MultiplyAddEstimate(x, Vector256.Create(1.44269504f), Vector256.Create(12582912f));
        var n = shifted - Vector256.Create(12582912f);
        var r = Vector256.MultiplyAddEstimate(n, Vector256.Create(-0.693359375f), x);
        r = Vector256.MultiplyAddEstimate(n, Vector256.Create(2.12194440e-4f), r);
        var p = Vector256.Create(1.9875691500e-4f);
        p = Vector256.MultiplyAddEstimate(p, r, Vector256.Create(1.3981999507e-3f));
        p = Vector256.MultiplyAddEstimate(p, r, Vector256.Create(8.3334519073e-3f));
        p = Vector256.MultiplyAddEstimate(p, r, Vector256.Create(4.1665795894e-2f));
        p = Vector256.MultiplyAddEstimate(p, r, Vector256.Create(1.6666665459e-1f));
        p = Vector256.MultiplyAddEstimate(p, r, Vector256.Create(5.0000001201e-1f));
        p = Vector256.MultiplyAddEstimate(p, r * r, r) + Vector256<float>.One;
        // 2ⁿ in two factors, so that results below the normal range and above it come out right.
        var exponent = shifted.AsInt32() - Vector256.Create(0x4B400000);
        var half = exponent >> 1;
        var first = ((half + Vector256.Create(127)) << 23).AsSingle();
        var second = ((exponent - half + Vector256.Create(127)) << 23).AsSingle();
        return p * first * second;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> Exp2(Vector256<float> x)
    {
        x = Vector256.MaxNative(Vector256.Create(-160f), x);
        var shifted = x + Vector256.Create(12582912f);
        var r = x - (shifted - Vector256.Create(12582912f));
        var p = Vector256.Create(1.545316294e-4f);
        p = Vector256.MultiplyAddEstimate(p, r, Vector256.Create(1.339086336e-3f));
        p = Vector256.MultiplyAddEstimate(p, r, Vector256.Create(9.618082557e-3f));
        p = Vector256.MultiplyAddEstimate(p, r, Vector256.Create(5.550357114e-2f));
        p = Vector256.MultiplyAddEstimate(p, r, Vector256.Create(2.402265076e-1f));
        p = Vector256.MultiplyAddEstimate(p, r, Vector256.Create(6.931471880e-1f));
        p = Vector256.MultiplyAddEstimate(p, r, Vector256<float>.One);
        var exponent = shifted.AsInt32() - Vector256.Create(0x4B400000);
        var half = exponent >> 1;
        var first = ((half + Vector256.Create(127)) << 23).AsSingle();
        var second = ((exponent - half + Vector256.Create(127)) << 23).AsSingle();
        return p * first * second;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> Sigmoid(Vector256<float> x) => Vector256<float>.One / (Vector256<float>.One + Exp(-x));

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
        var far = Vector256.CopySign(Vector256<float>.One - Exp(r), x);
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
    private static Vector256<float> Tanh(Vector256<float> x)
    {
        var far = Vector256<float>.One - Vector256.Create(2f) / (Exp(x + x) + Vector256<float>.One);
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
