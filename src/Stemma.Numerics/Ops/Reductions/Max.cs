using System.Numerics;
using System.Runtime.Intrinsics;
using Stemma.Numerics.Autograd;

namespace Stemma.Numerics.Ops;

public static partial class TensorOps
{
    /// <summary>The maximum over one axis. The gradient goes to every element that equals it.</summary>
    public static Tensor Max(this Tensor x, int axis, bool keepAxis = false)
    {
        x = x.ForCompute().Contiguous();
        var y = ReduceAxis<MaxKernel>(x, axis);
        var result = Tape.Record(y, [x], [x, y], dy => [(1 - (x - y).Sign().Abs()) * dy]);
        return keepAxis ? result : result.Reshape(x.Shape.Without(axis));
    }
}

internal readonly struct MaxKernel : IReductionKernel
{
    public static string Formula => "max(a, b)";

    public static T Identity<T>() where T : struct, IFloatingPointIeee754<T> => T.NegativeInfinity;

    public static T Combine<T>(T a, T b) where T : struct, IFloatingPointIeee754<T> => T.Max(a, b);

    public static Vector512<float> Combine(Vector512<float> a, Vector512<float> b) => Vector512.Max(a, b);
}
