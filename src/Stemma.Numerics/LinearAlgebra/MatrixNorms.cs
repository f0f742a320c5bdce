using MathNet.Numerics.LinearAlgebra;
using Stemma.Numerics.Ops;

namespace Stemma.Numerics.LinearAlgebra;

/// <summary>Norms of matrices as plain numbers, in float64; no tape sees them. The differentiable ones are <see cref="TensorOps.NormL1"/> and <see cref="TensorOps.NormL2"/>.</summary>
public static class MatrixNorms
{
    /// <summary>The root of the sum of squares of all elements, whatever the shape: ‖A‖_F of a matrix, ‖x‖₂ of a vector.</summary>
    public static double FrobeniusNorm(this Tensor x) => Math.Sqrt(SumOfSquares(x.ForCompute().Contiguous()));

    /// <summary>The largest singular value, ‖A‖₂: the most by which the matrix lengthens a vector.</summary>
    /// <param name="matrix">[rows, columns].</param>
    /// <inheritdoc cref="SingularValues" path="/exception"/>
    public static double SpectralNorm(this Tensor matrix) => matrix.SingularValues() is [var largest, ..] ? largest : 0;

    /// <summary>The sum of the singular values, ‖A‖_*.</summary>
    /// <param name="matrix">[rows, columns].</param>
    /// <inheritdoc cref="SingularValues" path="/exception"/>
    public static double NuclearNorm(this Tensor matrix) => matrix.SingularValues().Sum();

    /// <summary>The singular values, largest first; as many as the smaller side.</summary>
    /// <param name="matrix">[rows, columns].</param>
    /// <exception cref="ArgumentException">Another rank, or elements that are not finite.</exception>
    public static double[] SingularValues(this Tensor matrix)
    {
        var values = MatrixElements.Of(matrix, "singular values");
        var (rows, columns) = matrix.Shape;
        if (matrix.Count == 0) return [];
        // Row-major [rows, columns] is column-major [columns, rows]: the transpose, which has the same singular values.
        return Matrix<double>.Build.Dense(columns, rows, values).Svd(computeVectors: false).S.ToArray();
    }

    internal static double SumOfSquares(Tensor x) => x.Device.Backend.SumOfSquares(x);
}
