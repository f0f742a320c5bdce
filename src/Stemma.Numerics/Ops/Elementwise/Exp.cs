using System.Numerics;
using System.Runtime.Intrinsics;
using Stemma.Numerics.Backends.Cpu;

namespace Stemma.Numerics.Ops;

public static partial class TensorOps
{
    /// <summary>eˣ.</summary>
    public static Tensor Exp(this Tensor x) => Unary<ExpKernel>(x, (x, y, dy) => dy * y);
}

internal readonly struct ExpKernel : IUnaryKernel
{
    public static string Formula => "exp(x)";

    public static bool GradientReadsInput => false;

    public static bool GradientReadsOutput => true;

    public static T Apply<T>(T x) where T : struct, IFloatingPointIeee754<T> => T.Exp(x);

    public static Vector512<float> Apply(Vector512<float> x) => VectorMath.Exp(x);

    public static T Gradient<T>(T x, T y, T dy) where T : struct, IFloatingPointIeee754<T> => dy * y;

    public static Vector512<float> Gradient(Vector512<float> x, Vector512<float> y, Vector512<float> dy) => dy * y;
}
