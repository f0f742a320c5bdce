using Stemma.Numerics.Autograd;

namespace Stemma.Numerics.Ops;

public static partial class TensorOps
{
    /// <summary>The tensor itself where its elements lie row-major without gaps, else a copy that does.</summary>
    public static Tensor Contiguous(this Tensor x)
    {
        if (x.IsContiguous) return x;
        var y = Tensor.Empty(x.Shape, x.DType, x.Device);
        x.Device.Backend.Copy(x, y);
        return Tape.Record(y, [x], [], static dy => [dy]);
    }
}
