using Stemma.Numerics;

namespace Stemma.Tests.Numerics.Ops;

/// <summary>One tensor that an operation is given: where it lies and what numbers it holds.</summary>
/// <param name="Shape">What the operation sees.</param>
/// <param name="Layout">How that lies in memory.</param>
/// <param name="Low">The smallest number.</param>
/// <param name="High">The largest number.</param>
public sealed record Input(Shape Shape, Layout Layout, double Low = -2, double High = 2)
{
    public static implicit operator Input(Shape shape) => new(shape, Layout.Contiguous);

    /// <summary>The base in float64, on the reference device; every number is a float32's, so that it is the same in both.</summary>
    public Tensor Base(RandomStream random)
    {
        var shape = Layout.Base(Shape);
        var values = new double[shape.Count];
        for (var i = 0; i < values.Length; i++)
        {
            var value = Low + (High - Low) * random.Uniform((ulong)i);
            values[i] = (float)(Math.Abs(value) < 0.01 ? value + 0.02 : value); // away from the kinks of |x| and its like
        }
        return Tensor.From(values, shape, Device.Reference);
    }

    public Tensor View(Tensor x) => Layout.View(x, Shape);
}
