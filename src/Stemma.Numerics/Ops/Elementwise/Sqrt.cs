using System.Numerics;
using System.Runtime.Intrinsics;

namespace Stemma.Numerics.Ops;

public static partial class TensorOps
{
    /// <summary>√x, for x ≥ 0.</summary>
    public static Tensor Sqrt(this Tensor x) => Unary<SqrtKernel>(x, (x, y, dy) => dy / (y * 2));
}

internal readonly struct SqrtKernel : IUnaryKernel
{
    public static string Formula => "sqrt(x)";

    public static bool GradientReadsInput => false;

    public static bool GradientReadsOutput => true;

    public static T Apply<T>(T x) where T : struct, IFloatingPointIeee754<T> => T.Sqrt(x);

    public static Vector512<float> Apply(Vector512<float> x) => Vector512.Sqrt(x);

    public static T Gradient<T>(T x, T y, T dy) where T : struct, IFloatingPointIeee754<T> => dy / (y + y);

    public static Vector512<float> Gradient(Vector512<float> x, Vector512<float> y, Vector512<float> dy) => dy / (y + y);
}
