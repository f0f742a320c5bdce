using Stemma.Numerics.Autograd;

namespace Stemma.Numerics.Ops;

public static partial class TensorOps
{
    /// <summary>Joins tensors along an existing axis.</summary>
    /// <exception cref="ArgumentException">No parts, or parts that differ in another axis.</exception>
    public static Tensor Concatenate(int axis, params ReadOnlySpan<Tensor> parts)
    {
        if (parts.IsEmpty) throw new ArgumentException("There is nothing to concatenate.", nameof(parts));
        axis = parts[0].Shape.Axis(axis);
        var size = 0;
        foreach (var part in parts)
        {
            if (part.Shape.With(axis, 0) != parts[0].Shape.With(axis, 0)) throw new ArgumentException($"Shapes {parts[0].Shape} and {part.Shape} differ outside axis {axis}.", nameof(parts));
            size += part.Shape[axis];
        }
        var y = Tensor.Empty(parts[0].Shape.With(axis, size), parts[0].DType, parts[0].Device);
        var sizes = new int[parts.Length];
        var start = 0;
        for (var i = 0; i < parts.Length; i++)
        {
            sizes[i] = parts[i].Shape[axis];
            y.Device.Backend.Copy(parts[i], View(y, axis, start, sizes[i]));
            start += sizes[i];
        }
        return Tape.Record(y, parts, [], dy =>
        {
            var gradients = new Tensor[sizes.Length];
            for (int i = 0, at = 0; i < sizes.Length; at += sizes[i++]) gradients[i] = dy.Slice(axis, at, sizes[i]);
            return gradients;
        });
    }
}
