using Stemma.Numerics.Autograd;

namespace Stemma.Numerics.Ops;

public static partial class TensorOps
{
    /// <summary>For each place along an axis the sum of those before it: 0, x₀, x₀ + x₁, …</summary>
    /// <returns>The shape of x.</returns>
    public static Tensor ExclusiveSums(this Tensor x, int axis)
    {
        ArgumentNullException.ThrowIfNull(x);
        x = x.ForCompute();
        axis = x.Shape.Axis(axis);
        return Tape.Record(SumsBefore(x, axis, forward: true), [x], [], axis, static (axis, dy) => [SumsAfter(dy, axis)]);
    }

    /// <summary>The gradient: for each place the sum of those after it.</summary>
    private static Tensor SumsAfter(Tensor x, int axis) => Tape.Record(SumsBefore(x, axis, forward: false), [x], [], axis, static (axis, dy) => [dy.ExclusiveSums(axis)]);

    private static Tensor SumsBefore(Tensor x, int axis, bool forward)
    {
        using var pause = Tape.Pause();
        using var scope = Memory.Scope();
        var y = Tensor.Zeros(x.Shape, x.DType, x.Device);
        for (var i = 1; i < x.Shape[axis]; i++)
        {
            var (at, before) = forward ? (i, i - 1) : (x.Shape[axis] - 1 - i, x.Shape[axis] - i);
            y.Slice(axis, at, 1).CopyFrom(y.Slice(axis, before, 1) + x.Slice(axis, before, 1));
        }
        return scope.Keep(y);
    }
}
