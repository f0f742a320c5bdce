using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Stemma.Numerics.Backends.Cpu.Elementwise;

/// <summary>x·Φ(x) with the hyperbolic tangent for Φ. Hendrycks and Gimpel 2016, arXiv:1606.08415.</summary>
/// <remarks>½(1 + tanh u) is the logistic function of 2u, with u = √(2 ÷ π)·(x + 0.044715·x³).</remarks>
internal readonly struct GeluTanh : IActivation
{
    private const float Linear = 2f * 0.7978845608f;
    private const float Cubic = Linear * 0.044715f;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Apply(Vector512<float> x) =>
        x * VectorMath.Sigmoid(x * Vector512.MultiplyAddEstimate(x * x, Vector512.Create(Cubic), Vector512.Create(Linear)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Derivative(Vector512<float> x)
    {
        // Beyond ±30 the derivative is 0 or 1; without the limit 0·∞ would come up.
        x = Vector512.MaxNative(Vector512.Create(-30f), Vector512.MinNative(Vector512.Create(30f), x));
        var square = x * x;
        var s = VectorMath.Sigmoid(x * Vector512.MultiplyAddEstimate(square, Vector512.Create(Cubic), Vector512.Create(Linear)));
        var slope = Vector512.MultiplyAddEstimate(square, Vector512.Create(3f * Cubic), Vector512.Create(Linear));
        return Vector512.MultiplyAddEstimate(x * slope, s * (Vector512<float>.One - s), s);
    }
}

/// <summary>x·Φ(x) with Φ the normal distribution function. Hendrycks and Gimpel 2016, arXiv:1606.08415.</summary>
internal readonly struct GeluErf : IActivation
{
    private const float InverseRoot2 = 0.70710678f;
    private const float InverseRoot2Pi = 0.39894228f;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Apply(Vector512<float> x) => x * Normal(x);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Derivative(Vector512<float> x)
    {
        x = Vector512.MaxNative(Vector512.Create(-30f), Vector512.MinNative(Vector512.Create(30f), x));
        return Vector512.MultiplyAddEstimate(x * Vector512.Create(InverseRoot2Pi), VectorMath.Exp(x * x * Vector512.Create(-0.5f)), Normal(x));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Normal(Vector512<float> x) =>
        Vector512.MultiplyAddEstimate(VectorMath.Erf(x * Vector512.Create(InverseRoot2)), Vector512.Create(0.5f), Vector512.Create(0.5f));
}

/// <summary>x·σ(x). Elfwing et al. 2017, arXiv:1702.03118.</summary>
internal readonly struct Silu : IActivation
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Apply(Vector512<float> x) => x * VectorMath.Sigmoid(x);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Derivative(Vector512<float> x)
    {
        var s = VectorMath.Sigmoid(x);
        return s * Vector512.MultiplyAddEstimate(x, Vector512<float>.One - s, Vector512<float>.One);
    }
}
