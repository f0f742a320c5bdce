using MathNet.Numerics.LinearAlgebra;
using MathNet.Numerics.LinearAlgebra.Factorization;
using Stemma.Numerics.Ops;

namespace Stemma.Numerics.LinearAlgebra;

/// <summary>
/// A = U·diag(σ)·Vᵀ in its thin form, in float64; no tape sees it. Cut after k values it is the matrix of rank k nearest to A, in the
/// Frobenius and in the spectral norm. Eckart &amp; Young 1936, "The approximation of one matrix by another of lower rank".
/// </summary>
/// <param name="Left">U, [rows, least side]: columns of length 1, at right angles.</param>
/// <param name="Values">σ, largest first.</param>
/// <param name="Right">V, [columns, least side].</param>
public sealed record SingularDecomposition(Tensor Left, IReadOnlyList<double> Values, Tensor Right)
{
    /// <summary>Decomposes a matrix.</summary>
    /// <param name="matrix">[rows, columns], neither 0.</param>
    /// <exception cref="ArgumentException">Another rank, no elements, or elements that are not finite.</exception>
    public static SingularDecomposition Of(Tensor matrix)
    {
        var values = MatrixElements.Of(matrix, "singular values");
        var (rows, columns) = matrix.Shape;
        if (matrix.Count == 0) throw new ArgumentException($"A matrix of shape {matrix.Shape} has no elements to decompose.", nameof(matrix));
        // Row-major [rows, columns] is column-major [columns, rows]: the transpose.
        var transposed = Matrix<double>.Build.Dense(columns, rows, values);
        var isWide = columns >= rows;
        var (tall, sigma, small) = Thin(isWide ? transposed : transposed.Transpose());
        // The tall side is Aᵀ's where the matrix is wide; then left and right change places.
        return isWide ? new(small, sigma, tall) : new(tall, sigma, small);

        // tall = QR, R = U·diag(σ)·Vᵀ: the large side costs a product instead of a square matrix of its own.
        (Tensor, double[], Tensor) Thin(Matrix<double> tall)
        {
            var qr = tall.QR(QRMethod.Thin);
            var svd = qr.R.Svd(computeVectors: true);
            return (MatrixElements.ToTensor(qr.Q * svd.U, matrix.Device), svd.S.ToArray(), MatrixElements.ToTensor(svd.VT.Transpose(), matrix.Device));
        }
    }

    /// <summary>The best approximation of rank k as a product of two thin matrices, as an adapter of low rank has it (arXiv:2106.09685).</summary>
    /// <param name="rank">k: from 1 to the least side.</param>
    /// <returns>[rows, k], into which σ is multiplied, and [k, columns].</returns>
    public (Tensor Left, Tensor Right) Factors(int rank)
    {
        Check(rank, least: 1);
        var sigma = Tensor.From(Values.Take(rank).ToArray(), [rank], Left.Device);
        return (Left.Slice(1, 0, rank) * sigma, Right.Slice(1, 0, rank).Transposed.Contiguous());
    }

    /// <summary>The best approximation of rank k, [rows, columns].</summary>
    /// <inheritdoc cref="Factors" path="/param"/>
    public Tensor Approximation(int rank)
    {
        var (left, right) = Factors(rank);
        return left.MatMul(right);
    }

    /// <summary>‖A − A_k‖_F = √(σ²_{k+1} + … ): no matrix of rank k is nearer.</summary>
    /// <param name="rank">k: from 0 to the least side.</param>
    public double Error(int rank)
    {
        Check(rank, least: 0);
        return Math.Sqrt(Values.Skip(rank).Sum(sigma => sigma * sigma));
    }

    private void Check(int rank, int least)
    {
        if (rank < least || rank > Values.Count) throw new ArgumentOutOfRangeException(nameof(rank), rank, $"A matrix of shape [{Left.Shape[0]}, {Right.Shape[0]}] has ranks from {least} to {Values.Count}.");
    }
}
