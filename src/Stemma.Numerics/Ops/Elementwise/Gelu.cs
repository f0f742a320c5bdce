using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Stemma.Numerics.Backends.Cpu;

namespace Stemma.Numerics.Ops;

public static partial class TensorOps
{
    /// <summary>x·Φ(x), with Φ the normal distribution function: the exact GELU. Hendrycks &amp; Gimpel 2016, arXiv:1606.08415.</summary>
    public static Tensor Gelu(this Tensor x) => Unary<GeluKernel>(x, (x, y, dy) =>
        dy * (((x * GeluKernel.RootHalf).Erf() + 1) * 0.5 + x * (x * x * -0.5).Exp() * GeluKernel.Density));
}

internal readonly struct GeluKernel : IActivationKernel
{
    public const double RootHalf = 0.7071067811865476;
    public const double Density = 0.3989422804014327;

    public static string Formula => "0.5 * x * (1 + erf(0.7071067811865476 * x))";

    public static T Apply<T>(T x) where T : struct, IFloatingPointIeee754<T> => x * Cumulative(x);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Apply(Vector512<float> x) => x * Cumulative(x);

    public static T Gradient<T>(T x, T y, T dy) where T : struct, IFloatingPointIeee754<T> =>
        dy * (Cumulative(x) + x * T.CreateChecked(Density) * T.Exp(T.CreateChecked(-0.5) * x * x));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Gradient(Vector512<float> x, Vector512<float> y, Vector512<float> dy) => Gradient(x, dy, out _);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Gradient(Vector512<float> x, Vector512<float> dy, out Vector512<float> y)
    {
        var cumulative = Cumulative(x);
        y = x * cumulative;
        return dy * (cumulative + x * Vector512.Create((float)Density) * VectorMath.Exp(x * x * -0.5f));
    }

    private static T Cumulative<T>(T x) where T : struct, IFloatingPointIeee754<T> =>
        T.CreateChecked(0.5) * (T.One + ErfKernel.Apply(T.CreateChecked(RootHalf) * x));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Cumulative(Vector512<float> x) => (Vector512<float>.One + VectorMath.Erf(x * (float)RootHalf)) * 0.5f;
}
