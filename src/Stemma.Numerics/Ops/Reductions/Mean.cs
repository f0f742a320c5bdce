namespace Stemma.Numerics.Ops;

public static partial class TensorOps
{
    /// <summary>The mean over one axis.</summary>
    public static Tensor Mean(this Tensor x, int axis, bool keepAxis = false) => x.Sum(axis, keepAxis) / x.Shape[axis];

    /// <summary>The mean of all elements, a scalar.</summary>
    public static Tensor Mean(this Tensor x) => x.Sum() / x.Count;
}
