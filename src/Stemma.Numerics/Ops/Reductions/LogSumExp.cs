namespace Stemma.Numerics.Ops;

public static partial class TensorOps
{
    /// <summary>ln Σ eˣ over the last axis, without overflow.</summary>
    public static Tensor LogSumExp(this Tensor x)
    {
        var max = x.Detach().Max(-1, keepAxis: true);
        return ((x - max).Exp().Sum(-1, keepAxis: true).Log() + max).Reshape(x.Shape.Without(-1));
    }
}
