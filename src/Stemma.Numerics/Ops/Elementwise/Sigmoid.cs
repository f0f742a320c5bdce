using System.Numerics;
using System.Runtime.Intrinsics;
using Stemma.Numerics.Backends.Cpu;

namespace Stemma.Numerics.Ops;

public static partial class TensorOps
{
    /// <summary>The logistic function 1 / (1 + e⁻ˣ).</summary>
    public static Tensor Sigmoid(this Tensor x) => Unary<SigmoidKernel>(x, (x, y, dy) => dy * y * (1 - y));
}

internal readonly struct SigmoidKernel : IUnaryKernel
{
    public static string Formula => "1 / (1 + exp(-x))";

    public static bool GradientReadsInput => false;

    public static bool GradientReadsOutput => true;

    public static T Apply<T>(T x) where T : struct, IFloatingPointIeee754<T> => T.One / (T.One + T.Exp(-x));

    public static Vector512<float> Apply(Vector512<float> x) => VectorMath.Sigmoid(x);

    public static T Gradient<T>(T x, T y, T dy) where T : struct, IFloatingPointIeee754<T> => dy * y * (T.One - y);

    public static Vector512<float> Gradient(Vector512<float> x, Vector512<float> y, Vector512<float> dy) => dy * y * (Vector512<float>.One - y);
}
