using System.Numerics;
using System.Runtime.Intrinsics;
using Stemma.Numerics.Autograd;

namespace Stemma.Numerics.Ops;

public static partial class TensorOps
{
    /// <summary>a · b, elementwise with broadcasting.</summary>
    /// <exception cref="ArgumentException">The shapes do not broadcast, or the element types differ.</exception>
    public static Tensor Multiply(this Tensor a, Tensor b)
    {
        var y = Binary<MultiplyKernel>(ref a, ref b);
        return Tape.Record(y, [a, b], [a, b], dy => [(dy * b).SumTo(a.Shape), (dy * a).SumTo(b.Shape)]);
    }
}

internal readonly struct MultiplyKernel : IBinaryKernel
{
    public static string Formula => "a * b";

    public static T Apply<T>(T a, T b) where T : struct, IFloatingPointIeee754<T> => a * b;

    public static Vector512<float> Apply(Vector512<float> a, Vector512<float> b) => a * b;
}
