using Stemma.Numerics.Autograd;

namespace Stemma.Numerics.Ops;

public static partial class TensorOps
{
    /// <summary>The elements from <paramref name="start"/> on along one axis; a view.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The range leaves the axis.</exception>
    public static Tensor Slice(this Tensor x, int axis, int start, int length)
    {
        axis = x.Shape.Axis(axis);
        if (start < 0 || length < 0 || start > x.Shape[axis] - length)
            throw new ArgumentOutOfRangeException(nameof(start), $"Elements {start} to {start + length} of axis {axis} lie outside shape {x.Shape}.");
        if (length == x.Shape[axis]) return x;
        return Tape.Record(View(x, axis, start, length), [x], [], (x, axis, start), static (s, dy) =>
        {
            if (Tape.IsHigherOrder) return [dy.Pad(s.axis, s.start, s.x.Shape[s.axis])];
            var dx = Tensor.Zeros(s.x.Shape, s.x.DType, s.x.Device);
            dx.Device.Backend.Copy(dy, View(dx, s.axis, s.start, dy.Shape[s.axis]));
            return [dx];
        });
    }

    /// <summary>One element of an axis, which disappears; a view.</summary>
    public static Tensor Select(this Tensor x, int axis, int index)
    {
        axis = x.Shape.Axis(axis);
        var part = x.Slice(axis, index, 1);
        Span<long> steps = stackalloc long[x.Rank - 1];
        for (var i = 0; i < steps.Length; i++) steps[i] = x.Strides[i < axis ? i : i + 1];
        return Tape.Record(part.View(part.Offset, x.Shape.Without(axis), new(steps)), [part], [], part.Shape, static (shape, dy) => [dy.Reshape(shape)]);
    }

    /// <summary>The same tensor inside a larger one of zeros: axis gets <paramref name="size"/>, x starts at <paramref name="start"/>.</summary>
    public static Tensor Pad(this Tensor x, int axis, int start, int size)
    {
        axis = x.Shape.Axis(axis);
        var length = x.Shape[axis];
        if (start < 0 || start > size - length) throw new ArgumentOutOfRangeException(nameof(start), $"Shape {x.Shape} at {start} does not fit into {size} along axis {axis}.");
        var y = Tensor.Zeros(x.Shape.With(axis, size), x.DType, x.Device);
        x.Device.Backend.Copy(x, View(y, axis, start, length));
        return Tape.Record(y, [x], [], (axis, start, length), static (s, dy) => [dy.Slice(s.axis, s.start, s.length)]);
    }

    /// <summary>Splits one axis into equal parts; views.</summary>
    /// <exception cref="ArgumentException">The axis does not divide.</exception>
    public static Tensor[] Split(this Tensor x, int axis, int parts)
    {
        var size = x.Shape[axis];
        if (parts <= 0 || size % parts != 0) throw new ArgumentException($"Axis {axis} of shape {x.Shape} does not divide into {parts} parts.", nameof(parts));
        var result = new Tensor[parts];
        for (var i = 0; i < parts; i++) result[i] = x.Slice(axis, i * (size / parts), size / parts);
        return result;
    }

    private static Tensor View(Tensor x, int axis, int start, int length) => x.View(x.Offset + start * x.Strides[axis], x.Shape.With(axis, length), x.Strides);
}
