using System.Numerics;
using System.Runtime.Intrinsics;
using Stemma.Numerics.Autograd;

namespace Stemma.Numerics.Ops;

public static partial class TensorOps
{
    /// <summary>a + b with broadcasting.</summary>
    /// <exception cref="ArgumentException">The shapes do not broadcast, or the element types differ.</exception>
    public static Tensor Add(this Tensor a, Tensor b)
    {
        var y = Binary<AddKernel>(ref a, ref b);
        return Tape.Record(y, [a, b], [], (A: a.Shape, B: b.Shape), static (shapes, dy) => [dy.SumTo(shapes.A), dy.SumTo(shapes.B)]);
    }
}

internal readonly struct AddKernel : IBinaryKernel
{
    public static string Formula => "a + b";

    public static T Apply<T>(T a, T b) where T : struct, IFloatingPointIeee754<T> => a + b;

    public static Vector512<float> Apply(Vector512<float> a, Vector512<float> b) => a + b;
}
