using System.Numerics;
using System.Runtime.Intrinsics;

namespace Stemma.Numerics.Ops;

public static partial class TensorOps
{
    /// <summary>|x|; the gradient at 0 is 0.</summary>
    public static Tensor Abs(this Tensor x) => Unary<AbsKernel>(x, (x, y, dy) => dy * x.Sign());
}

internal readonly struct AbsKernel : IUnaryKernel
{
    public static string Formula => "abs(x)";

    public static T Apply<T>(T x) where T : struct, IFloatingPointIeee754<T> => T.Abs(x);

    public static Vector512<float> Apply(Vector512<float> x) => Vector512.Abs(x);

    public static T Gradient<T>(T x, T y, T dy) where T : struct, IFloatingPointIeee754<T> => x > T.Zero ? dy : x < T.Zero ? -dy : T.Zero;

    public static Vector512<float> Gradient(Vector512<float> x, Vector512<float> y, Vector512<float> dy) => Vector512.ConditionalSelect(Vector512.GreaterThan(x, Vector512<float>.Zero), dy, Vector512.ConditionalSelect(Vector512.LessThan(x, Vector512<float>.Zero), -dy, Vector512<float>.Zero));
}
