using System.Numerics;
using System.Runtime.Intrinsics;

namespace Stemma.Numerics.Ops;

public static partial class TensorOps
{
    /// <summary>ln x, for x > 0.</summary>
    public static Tensor Log(this Tensor x) => Unary<LogKernel>(x, (x, y, dy) => dy / x);
}

internal readonly struct LogKernel : IUnaryKernel
{
    public static string Formula => "log(x)";

    public static T Apply<T>(T x) where T : struct, IFloatingPointIeee754<T> => T.Log(x);

    public static Vector512<float> Apply(Vector512<float> x) => Vector512.Log(x);

    public static T Gradient<T>(T x, T y, T dy) where T : struct, IFloatingPointIeee754<T> => dy / x;

    public static Vector512<float> Gradient(Vector512<float> x, Vector512<float> y, Vector512<float> dy) => dy / x;
}
