using MathNet.Numerics.LinearAlgebra;
using Stemma.Numerics.Ops;

namespace Stemma.Numerics.LinearAlgebra;

/// <summary>The way from tensors to matrices of the decompositions and back.</summary>
internal static class MatrixElements
{
    /// <summary>The elements, row-major, in float64.</summary>
    /// <param name="matrix">[rows, columns].</param>
    /// <param name="what">What is asked of the matrix, for the error.</param>
    /// <exception cref="ArgumentException">Another rank, or elements that are not finite.</exception>
    public static double[] Of(Tensor matrix, string what)
    {
        ArgumentNullException.ThrowIfNull(matrix);
        if (matrix.Rank != 2) throw new ArgumentException($"Only a matrix has {what}; the shape is {matrix.Shape}.", nameof(matrix));
        using var scope = Memory.Scope();
        var values = matrix.Detach().Cast(DType.Float64).ToArray<double>();
        if (!Array.TrueForAll(values, double.IsFinite)) throw new ArgumentException($"A matrix of shape {matrix.Shape} holds an element that is not finite; it has no {what}.", nameof(matrix));
        return values;
    }

    /// <summary>A matrix as a tensor of float64.</summary>
    public static Tensor ToTensor(Matrix<double> matrix, Device device) => Tensor.From(matrix.ToRowMajorArray(), [matrix.RowCount, matrix.ColumnCount], device);
}
