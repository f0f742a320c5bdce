using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Stemma.Numerics.Ops;

public static partial class TensorOps
{
    /// <summary>max(x, 0); the gradient at 0 is 0. Nair &amp; Hinton 2010.</summary>
    public static Tensor Relu(this Tensor x) => Unary<ReluKernel>(x, (x, y, dy) => dy * y.Sign());
}

internal readonly struct ReluKernel : IActivationKernel
{
    public static string Formula => "x > 0 ? x : 0";

    public static bool GradientReadsInput => false;

    public static bool GradientReadsOutput => true;

    public static T Apply<T>(T x) where T : struct, IFloatingPointIeee754<T> => x > T.Zero ? x : T.Zero;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Apply(Vector512<float> x) => Vector512.ConditionalSelect(Vector512.GreaterThan(x, Vector512<float>.Zero), x, Vector512<float>.Zero);

    public static T Gradient<T>(T x, T y, T dy) where T : struct, IFloatingPointIeee754<T> => y > T.Zero ? dy : T.Zero;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Gradient(Vector512<float> x, Vector512<float> y, Vector512<float> dy) => Vector512.ConditionalSelect(Vector512.GreaterThan(y, Vector512<float>.Zero), dy, Vector512<float>.Zero);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Gradient(Vector512<float> x, Vector512<float> dy, out Vector512<float> y)
    {
        y = Apply(x);
        return Gradient(x, y, dy);
    }
}
