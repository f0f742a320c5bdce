using System.Numerics;
using System.Runtime.Intrinsics;

namespace Stemma.Numerics.Ops;

public static partial class TensorOps
{
    /// <summary>x².</summary>
    public static Tensor Square(this Tensor x) => Unary<SquareKernel>(x, (x, y, dy) => dy * x * 2);
}

internal readonly struct SquareKernel : IUnaryKernel
{
    public static string Formula => "x * x";

    public static T Apply<T>(T x) where T : struct, IFloatingPointIeee754<T> => x * x;

    public static Vector512<float> Apply(Vector512<float> x) => x * x;

    public static T Gradient<T>(T x, T y, T dy) where T : struct, IFloatingPointIeee754<T> => dy * (x + x);

    public static Vector512<float> Gradient(Vector512<float> x, Vector512<float> y, Vector512<float> dy) => dy * (x + x);
}
