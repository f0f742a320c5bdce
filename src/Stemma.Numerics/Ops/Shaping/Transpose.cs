using Stemma.Numerics.Autograd;

namespace Stemma.Numerics.Ops;

public static partial class TensorOps
{
    /// <summary>Exchanges two axes; a view.</summary>
    public static Tensor Transpose(this Tensor x, int axis, int other)
    {
        (axis, other) = (x.Shape.Axis(axis), x.Shape.Axis(other));
        if (axis == other) return x;
        Span<int> sizes = stackalloc int[x.Rank];
        Span<long> steps = stackalloc long[x.Rank];
        x.Shape.CopyTo(sizes);
        for (var i = 0; i < steps.Length; i++) steps[i] = x.Strides[i];
        (sizes[axis], sizes[other]) = (sizes[other], sizes[axis]);
        (steps[axis], steps[other]) = (steps[other], steps[axis]);
        return Tape.Record(x.View(x.Offset, Shape.Create(sizes), new(steps)), [x], [], (axis, other), static (axes, dy) => [dy.Transpose(axes.axis, axes.other)]);
    }

    /// <summary>The transpose of a matrix, unknown to the tape; a view.</summary>
    internal static Tensor TransposedView(this Tensor x) => x.View(x.Offset, [x.Shape[1], x.Shape[0]], new([x.Strides[1], x.Strides[0]]));
}
