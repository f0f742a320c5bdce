using Stemma.Numerics;
using Xunit;

namespace Stemma.Tests.Numerics;

public sealed class ShapeTests
{
    [Fact]
    public void A_shape_knows_its_axes_and_its_number_of_elements()
    {
        Shape shape = [2, 3, 4];
        Assert.Equal((3, 24L, 4, 2), (shape.Rank, shape.Count, shape[-1], shape[0]));
        Assert.Equal((0, 1L), (Shape.Scalar.Rank, Shape.Scalar.Count));
        Assert.Equal(0, Shape.Create([0, 5]).Count);
        Assert.Equal("[2, 3, 4]", shape.ToString());
        Assert.Equal([2, 3, 4], shape.ToArray());
        var (batch, time, hidden) = shape;
        Assert.Equal((2, 3, 4), (batch, time, hidden));
    }

    [Fact]
    public void Shapes_are_equal_when_their_sizes_are()
    {
        Shape a = [2, 3], b = Shape.Create([2, 3]);
        Assert.True(a == b && a.Equals((object)b) && a.GetHashCode() == b.GetHashCode());
        Assert.True(a != [3, 2] && a != [2, 3, 1] && a != [2]);
    }

    [Fact]
    public void Axes_can_be_replaced_and_removed()
    {
        Shape shape = [2, 3, 4];
        Assert.Equal([2, 7, 4], shape.With(1, 7));
        Assert.Equal([2, 3, 1], shape.With(-1, 1));
        Assert.Equal([3, 4], shape.Without(0));
        Assert.Equal([2, 3], shape.Without(-1));
    }

    [Fact]
    public void Broadcasting_aligns_axes_at_the_end()
    {
        Assert.Equal([2, 3, 4], Shape.Broadcast([2, 1, 4], [3, 1]));
        Assert.Equal([5], Shape.Broadcast(Shape.Scalar, [5]));
        Assert.Equal([0, 4], Shape.Broadcast([0, 1], [1, 4]));
        var error = Assert.Throws<ArgumentException>(() => Shape.Broadcast([2, 3], [2, 4]));
        Assert.Contains("[2, 3]", error.Message, StringComparison.Ordinal);
        Assert.Contains("[2, 4]", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Impossible_shapes_are_refused()
    {
        Assert.Throws<ArgumentException>(() => Shape.Create([2, -1]));
        Assert.Throws<ArgumentException>(() => Shape.Create([1, 1, 1, 1, 1, 1, 1]));
        Assert.Throws<ArgumentOutOfRangeException>(() => Shape.Create([2, 3])[2]);
        Assert.Throws<ArgumentOutOfRangeException>(() => Shape.Create([2, 3])[-3]);
        Assert.Throws<OverflowException>(() => Shape.Create([int.MaxValue, int.MaxValue, int.MaxValue]));
        Assert.Throws<InvalidOperationException>(() =>
        {
            var (a, b) = Shape.Create([1, 2, 3]);
            return a + b;
        });
    }
}
