namespace Stemma.Numerics.Ops;

public static partial class TensorOps
{
    /// <summary>The sum of absolute values, ‖x‖₁.</summary>
    public static Tensor NormL1(this Tensor x) => x.Abs().Sum();

    /// <summary>The root of the sum of squares: ‖x‖₂ of a vector, the Frobenius norm of a matrix.</summary>
    public static Tensor NormL2(this Tensor x) => x.Square().Sum().Sqrt();
}
