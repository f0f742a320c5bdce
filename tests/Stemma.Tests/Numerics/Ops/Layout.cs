using Stemma.Numerics;
using Stemma.Numerics.Ops;

namespace Stemma.Tests.Numerics.Ops;

/// <summary>A way in which a tensor of a given shape may lie in memory: a contiguous base and a view of it.</summary>
public abstract record Layout
{
    public static Layout Contiguous { get; } = new ContiguousLayout();

    /// <summary>The base has its last two axes exchanged.</summary>
    public static Layout Transposed { get; } = new TransposedLayout();

    /// <summary>The base is longer by 3 + 2 along the last axis and by 1 + 1 along the first.</summary>
    public static Layout Sliced { get; } = new SlicedLayout();

    /// <summary>The base has size 1 along one axis.</summary>
    public static Layout Repeated(int axis) => new RepeatedLayout(axis);

    public abstract Shape Base(Shape shape);

    public abstract Tensor View(Tensor x, Shape shape);

    private sealed record ContiguousLayout : Layout
    {
        public override Shape Base(Shape shape) => shape;

        public override Tensor View(Tensor x, Shape shape) => x;
    }

    private sealed record TransposedLayout : Layout
    {
        public override Shape Base(Shape shape) => shape.With(-1, shape[-2]).With(-2, shape[-1]);

        public override Tensor View(Tensor x, Shape shape) => x.Transposed;
    }

    private sealed record SlicedLayout : Layout
    {
        public override Shape Base(Shape shape)
        {
            var wide = shape.With(-1, shape[-1] + 5);
            return shape.Rank == 1 ? wide : wide.With(0, wide[0] + 2);
        }

        public override Tensor View(Tensor x, Shape shape)
        {
            x = x.Slice(-1, 3, shape[-1]);
            return shape.Rank == 1 ? x : x.Slice(0, 1, shape[0]);
        }
    }

    private sealed record RepeatedLayout(int Axis) : Layout
    {
        public override Shape Base(Shape shape) => shape.With(Axis, 1);

        public override Tensor View(Tensor x, Shape shape) => x.BroadcastTo(shape);
    }
}
