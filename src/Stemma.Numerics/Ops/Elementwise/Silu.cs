using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Stemma.Numerics.Backends.Cpu;

namespace Stemma.Numerics.Ops;

public static partial class TensorOps
{
    /// <summary>x·σ(x), also called Swish. Elfwing et al. 2017, arXiv:1702.03118.</summary>
    public static Tensor Silu(this Tensor x) => Unary<SiluKernel>(x, (x, y, dy) => dy * x.Sigmoid() * (x * (1 - x.Sigmoid()) + 1));
}

internal readonly struct SiluKernel : IActivationKernel
{
    public static string Formula => "x / (1 + exp(-x))";

    public static T Apply<T>(T x) where T : struct, IFloatingPointIeee754<T> => x / (T.One + T.Exp(-x));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Apply(Vector512<float> x) => x * VectorMath.Sigmoid(x);

    public static T Gradient<T>(T x, T y, T dy) where T : struct, IFloatingPointIeee754<T> => dy * SigmoidKernel.Apply(x) * (T.One + x * (T.One - SigmoidKernel.Apply(x)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Gradient(Vector512<float> x, Vector512<float> y, Vector512<float> dy) => Gradient(x, dy, out _);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Gradient(Vector512<float> x, Vector512<float> dy, out Vector512<float> y)
    {
        var gate = VectorMath.Sigmoid(x);
        y = x * gate;
        return dy * gate * (Vector512<float>.One + x * (Vector512<float>.One - gate));
    }
}
