using Stemma.Numerics.Autograd;

namespace Stemma.Numerics.Ops;

public static partial class TensorOps
{
    /// <summary>x · scale + shift.</summary>
    public static Tensor Affine(this Tensor x, double scale, double shift)
    {
        x = x.ForCompute().Contiguous();
        var y = Tensor.Empty(x.Shape, x.DType, x.Device);
        x.Device.Backend.Affine(x, scale, shift, y);
        return Tape.Record(y, [x], [], scale, static (scale, dy) => [scale == 1 ? dy : dy.Affine(scale, 0)]);
    }
}
