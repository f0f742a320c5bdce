using System.Numerics;
using System.Runtime.Intrinsics;
using Stemma.Numerics.Autograd;

namespace Stemma.Numerics.Ops;

public static partial class TensorOps
{
    /// <summary>The sum over one axis.</summary>
    /// <param name="x">Any shape.</param>
    /// <param name="axis">Which; negative numbers count from the end.</param>
    /// <param name="keepAxis">Whether the axis stays with size 1.</param>
    public static Tensor Sum(this Tensor x, int axis, bool keepAxis = false)
    {
        x = x.ForCompute().Contiguous();
        var y = ReduceAxis<SumKernel>(x, axis);
        y = Tape.Record(y, [x], [], x.Shape, static (shape, dy) => [dy.BroadcastTo(shape)]);
        return keepAxis ? y : y.Reshape(x.Shape.Without(axis));
    }

    /// <summary>The sum of all elements, a scalar.</summary>
    public static Tensor Sum(this Tensor x) => x.Reshape([checked((int)x.Count)]).Sum(0);

    /// <summary>Sums over the axes along which <paramref name="shape"/> was broadcast to x's: the gradient of broadcasting.</summary>
    public static Tensor SumTo(this Tensor x, Shape shape)
    {
        if (x.Shape == shape) return x;
        var extra = x.Rank - shape.Rank;
        if (extra > 0)
        {
            // All the leading axes that broadcasting added, at once: [extra…, rest] as [count, rest].
            var rest = 1;
            for (var i = extra; i < x.Rank; i++) rest *= x.Shape[i];
            Span<int> sizes = stackalloc int[x.Rank - extra];
            for (var i = 0; i < sizes.Length; i++) sizes[i] = x.Shape[i + extra];
            x = x.Reshape([rest == 0 ? 0 : checked((int)(x.Count / rest)), rest]).Sum(0).Reshape(Shape.Create(sizes));
        }
        for (var i = 0; i < shape.Rank; i++)
            if (shape[i] == 1 && x.Shape[i] != 1) x = x.Sum(i, keepAxis: true);
        if (x.Shape != shape) throw new ArgumentException($"Shape {shape} does not broadcast to {x.Shape}.", nameof(shape));
        return x;
    }
}

internal readonly struct SumKernel : IReductionKernel
{
    public static string Formula => "a + b";

    public static T Identity<T>() where T : struct, IFloatingPointIeee754<T> => T.Zero;

    public static T Combine<T>(T a, T b) where T : struct, IFloatingPointIeee754<T> => a + b;

    public static Vector512<float> Combine(Vector512<float> a, Vector512<float> b) => a + b;
}
