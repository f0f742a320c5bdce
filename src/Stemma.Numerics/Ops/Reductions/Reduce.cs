namespace Stemma.Numerics.Ops;

public static partial class TensorOps
{
    /// <summary>Reduces one axis and keeps it with size 1.</summary>
    private static Tensor ReduceAxis<TKernel>(Tensor x, int axis) where TKernel : struct, IReductionKernel
    {
        axis = x.Shape.Axis(axis);
        int outer = 1, inner = 1;
        for (var i = 0; i < axis; i++) outer = checked(outer * x.Shape[i]);
        for (var i = axis + 1; i < x.Rank; i++) inner = checked(inner * x.Shape[i]);
        var y = Tensor.Empty(x.Shape.With(axis, 1), x.DType, x.Device);
        x.Device.Backend.Reduce<TKernel>(x, outer, x.Shape[axis], inner, y);
        return y;
    }
}
