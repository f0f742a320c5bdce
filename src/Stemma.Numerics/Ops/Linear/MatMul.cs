using Stemma.Numerics.Autograd;

namespace Stemma.Numerics.Ops;

public static partial class TensorOps
{
    /// <summary>The matrix product over the last two axes; leading axes broadcast. Transposed views cost nothing.</summary>
    /// <param name="a">[.., m, k].</param>
    /// <param name="b">[.., k, n].</param>
    /// <returns>[.., m, n].</returns>
    /// <exception cref="ArgumentException">The inner sizes differ, or leading axes do not broadcast.</exception>
    public static Tensor MatMul(this Tensor a, Tensor b)
    {
        a = a.ForCompute();
        b = b.ForCompute();
        if (a.Rank < 2 || b.Rank < 2 || a.Shape[-1] != b.Shape[-2]) throw new ArgumentException($"Shapes {a.Shape} and {b.Shape} do not multiply: the last axis of the first must equal the last but one of the second.");
        if (a.DType != b.DType) throw new ArgumentException($"Element types {a.DType} and {b.DType} do not mix; use Cast.");
        // One weight for many rows: the leading axes of a are just more rows.
        if (a.Rank > 2 && b.Rank == 2) return a.Reshape(-1, a.Shape[-1]).MatMul(b).Reshape(a.Shape.With(-1, b.Shape[-1]));
        var shape = BatchShape(a.Shape, b.Shape);
        var y = Tensor.Empty(shape, a.DType, a.Device);
        a.Device.Backend.MatMul(a, b, y, null, accumulate: false);
        return Tape.Record(y, [a, b], [a, b], dy =>
        [
            a.RequiresGradient ? dy.MatMul(b.Transposed).SumTo(a.Shape) : null,
            b.RequiresGradient ? a.Transposed.MatMul(dy).SumTo(b.Shape) : null,
        ]);
    }

    private static Shape BatchShape(Shape a, Shape b)
    {
        Span<int> left = stackalloc int[a.Rank], right = stackalloc int[b.Rank];
        a.CopyTo(left);
        b.CopyTo(right);
        var batch = Shape.Broadcast(Shape.Create(left[..^2]), Shape.Create(right[..^2]));
        return Shape.Create([.. batch, left[^2], right[^1]]);
    }
}
