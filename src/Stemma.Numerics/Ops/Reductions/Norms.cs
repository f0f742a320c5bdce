using Stemma.Numerics.Autograd;
using Stemma.Numerics.LinearAlgebra;

namespace Stemma.Numerics.Ops;

public static partial class TensorOps
{
    /// <summary>The sum of absolute values, ‖x‖₁.</summary>
    public static Tensor NormL1(this Tensor x) => x.Abs().Sum();

    /// <summary>The root of the sum of squares: ‖x‖₂ of a vector, the Frobenius norm of a matrix.</summary>
    public static Tensor NormL2(this Tensor x)
    {
        if (Tape.IsHigherOrder) return x.Square().Sum().Sqrt();
        x = x.ForCompute().Contiguous();
        var y = Tensor.Full(Shape.Scalar, x.FrobeniusNorm(), x.DType, x.Device);
        return Tape.Record(y, [x], [x, y], dy => [x * (dy / y)]);
    }
}
