using System.Numerics;
using System.Runtime.Intrinsics;

namespace Stemma.Numerics.Ops;

public static partial class TensorOps
{
    /// <summary>−1, 0 or 1; the gradient is 0 everywhere.</summary>
    public static Tensor Sign(this Tensor x) => Unary<SignKernel>(x, (x, y, dy) => dy * 0);
}

internal readonly struct SignKernel : IUnaryKernel
{
    public static string Formula => "(x > 0) - (x < 0)";

    public static bool GradientReadsInput => false;

    public static T Apply<T>(T x) where T : struct, IFloatingPointIeee754<T> => x > T.Zero ? T.One : x < T.Zero ? -T.One : T.Zero;

    public static Vector512<float> Apply(Vector512<float> x) => Vector512.ConditionalSelect(Vector512.GreaterThan(x, Vector512<float>.Zero), Vector512<float>.One, Vector512.ConditionalSelect(Vector512.LessThan(x, Vector512<float>.Zero), -Vector512<float>.One, Vector512<float>.Zero));

    public static T Gradient<T>(T x, T y, T dy) where T : struct, IFloatingPointIeee754<T> => T.Zero;

    public static Vector512<float> Gradient(Vector512<float> x, Vector512<float> y, Vector512<float> dy) => Vector512<float>.Zero;
}
