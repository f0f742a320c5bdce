using System.Numerics;
using System.Runtime.Intrinsics;
using Stemma.Numerics.Backends.Cpu;

namespace Stemma.Numerics.Ops;

public static partial class TensorOps
{
    /// <summary>The hyperbolic tangent.</summary>
    public static Tensor Tanh(this Tensor x) => Unary<TanhKernel>(x, (x, y, dy) => dy * (1 - y * y));
}

internal readonly struct TanhKernel : IUnaryKernel
{
    public static string Formula => "tanh(x)";

    public static bool GradientReadsInput => false;

    public static bool GradientReadsOutput => true;

    public static T Apply<T>(T x) where T : struct, IFloatingPointIeee754<T> => T.Tanh(x);

    public static Vector512<float> Apply(Vector512<float> x) => VectorMath.Tanh(x);

    public static T Gradient<T>(T x, T y, T dy) where T : struct, IFloatingPointIeee754<T> => dy * (T.One - y * y);

    public static Vector512<float> Gradient(Vector512<float> x, Vector512<float> y, Vector512<float> dy) => dy * (Vector512<float>.One - y * y);
}
