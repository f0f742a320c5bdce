using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Stemma.Numerics.Backends.Cpu;

namespace Stemma.Numerics.Ops;

public static partial class TensorOps
{
    /// <summary>
    /// The tanh approximation of GELU, ½x(1 + tanh(√(2/π)(x + 0.044715x³))), as in GPT-2 (<c>gelu_new</c>).
    /// Hendrycks &amp; Gimpel 2016, arXiv:1606.08415.
    /// </summary>
    public static Tensor GeluTanh(this Tensor x) => Unary<GeluTanhKernel>(x, (x, y, dy) =>
    {
        var t = (x * (x * x * GeluTanhKernel.Cubic + 1) * GeluTanhKernel.RootTwoOverPi).Tanh();
        var inner = (x * x * (3 * GeluTanhKernel.Cubic) + 1) * GeluTanhKernel.RootTwoOverPi;
        return dy * ((t + 1) * 0.5 + x * (1 - t * t) * inner * 0.5);
    });
}

internal readonly struct GeluTanhKernel : IActivationKernel
{
    public const double Cubic = 0.044715;
    public const double RootTwoOverPi = 0.7978845608028654;

    private const double Log2E = 1.4426950408889634;

    public static string Formula => "0.5 * x * (1 + tanh(0.7978845608028654 * (x + 0.044715 * x * x * x)))";

    public static T Apply<T>(T x) where T : struct, IFloatingPointIeee754<T> => T.CreateChecked(0.5) * x * (T.One + T.Tanh(Inner(x)));

    // ½(1 + tanh u) = σ(2u) = 1 ÷ (1 + 2^(−2u·log₂ e))
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Apply(Vector512<float> x) => x * VectorMath.Logistic2(Exponent(x));

    public static T Gradient<T>(T x, T y, T dy) where T : struct, IFloatingPointIeee754<T>
    {
        // Beyond ±30 the slope is 0 or 1; there x² may overflow.
        x = T.Clamp(x, T.CreateChecked(-30), T.CreateChecked(30));
        var half = T.CreateChecked(0.5);
        var t = T.Tanh(Inner(x));
        var slope = T.CreateChecked(RootTwoOverPi) * (T.One + T.CreateChecked(3 * Cubic) * x * x);
        return dy * (half * (T.One + t) + half * x * (T.One - t * t) * slope);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Gradient(Vector512<float> x, Vector512<float> y, Vector512<float> dy) => Gradient(x, dy, out _);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Gradient(Vector512<float> x, Vector512<float> dy, out Vector512<float> y)
    {
        var whole = x;
        // x stands second: a native minimum gives back its second operand if either is NaN.
        x = Vector512.MaxNative(Vector512.Create(-30f), Vector512.MinNative(Vector512.Create(30f), x));
        // Beyond ±30 it is 1, or as small as it becomes.
        var s = VectorMath.Logistic2(Exponent(x));
        y = whole * s;
        var slope = Vector512.FusedMultiplyAdd(x * x, Vector512.Create((float)(6 * RootTwoOverPi * Cubic)), Vector512.Create((float)(2 * RootTwoOverPi)));
        return dy * Vector512.FusedMultiplyAdd(x * s * (Vector512<float>.One - s), slope, s);
    }

    private static T Inner<T>(T x) where T : struct, IFloatingPointIeee754<T> =>
        T.CreateChecked(RootTwoOverPi) * (x + T.CreateChecked(Cubic) * x * x * x);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Exponent(Vector512<float> x) =>
        x * Vector512.FusedMultiplyAdd(x * x, Vector512.Create((float)(-2 * RootTwoOverPi * Cubic * Log2E)), Vector512.Create((float)(-2 * RootTwoOverPi * Log2E)));
}
