namespace Stemma.Numerics.Ops;

public static partial class TensorOps
{
    private static Tensor Binary<TKernel>(ref Tensor a, ref Tensor b) where TKernel : struct, IBinaryKernel
    {
        a = a.ForCompute();
        b = b.ForCompute();
        if (a.DType != b.DType) throw new ArgumentException($"Element types {a.DType} and {b.DType} do not mix; use Cast.");
        var y = Tensor.Empty(Shape.Broadcast(a.Shape, b.Shape), a.DType, a.Device);
        a.Device.Backend.Zip<TKernel>(a, b, y);
        return y;
    }
}
