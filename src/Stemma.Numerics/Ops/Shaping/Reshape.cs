using System.Runtime.CompilerServices;
using Stemma.Numerics.Autograd;

namespace Stemma.Numerics.Ops;

public static partial class TensorOps
{
    /// <summary>The same elements in the same order under another shape; a view where the layout allows, else a copy. One size may be -1: what is left.</summary>
    /// <exception cref="ArgumentException">The number of elements differs.</exception>
    [OverloadResolutionPriority(1)]
    public static Tensor Reshape(this Tensor x, params ReadOnlySpan<int> sizes)
    {
        Span<int> known = stackalloc int[sizes.Length];
        sizes.CopyTo(known);
        var open = sizes.IndexOf(-1);
        if (open >= 0)
        {
            var rest = 1L;
            for (var i = 0; i < known.Length; i++)
                if (i != open) rest *= known[i];
            if (rest == 0 || x.Count % rest != 0) throw new ArgumentException($"Shape {x.Shape} with {x.Count} elements does not divide into [{string.Join(", ", sizes.ToArray())}].", nameof(sizes));
            known[open] = checked((int)(x.Count / rest));
        }
        return x.Reshape(Shape.Create(known));
    }

    /// <inheritdoc cref="Reshape(Tensor, ReadOnlySpan{int})"/>
    public static Tensor Reshape(this Tensor x, Shape shape)
    {
        if (shape == x.Shape) return x;
        if (shape.Count != x.Count) throw new ArgumentException($"Shape {x.Shape} with {x.Count} elements cannot become {shape} with {shape.Count}.", nameof(shape));
        x = x.Contiguous();
        return Tape.Record(x.View(x.Offset, shape, Strides.Contiguous(shape)), [x], [], x.Shape, static (from, dy) => [dy.Reshape(from)]);
    }
}
