using Stemma.Numerics.Autograd;

namespace Stemma.Numerics.Ops;

public static partial class TensorOps
{
    /// <summary>Repeats axes of size 1, and adds leading axes, to reach a shape; a view.</summary>
    /// <exception cref="ArgumentException">The shape does not broadcast to it.</exception>
    public static Tensor BroadcastTo(this Tensor x, Shape shape)
    {
        if (x.Shape == shape) return x;
        return Tape.Record(x.View(x.Offset, shape, x.Strides.Broadcast(x.Shape, shape)), [x], [], x.Shape, static (from, dy) => [dy.SumTo(from)]);
    }
}
