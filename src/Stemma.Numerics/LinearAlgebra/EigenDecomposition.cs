using System.Numerics;
using MathNet.Numerics.LinearAlgebra;

namespace Stemma.Numerics.LinearAlgebra;

/// <summary>Directions that a matrix only stretches: A·v = λ·v. In float64; no tape sees it.</summary>
/// <param name="Values">λ, in the order of their size |λ|, largest first.</param>
/// <param name="Vectors">For each value a vector of length 1.</param>
public sealed record EigenDecomposition(IReadOnlyList<Complex> Values, IReadOnlyList<Complex[]> Vectors)
{
    /// <summary>Decomposes any square matrix. Of one that has too few directions of its own (a shear), some are given twice.</summary>
    /// <param name="matrix">[n, n].</param>
    /// <exception cref="ArgumentException">Not a square matrix, or elements that are not finite.</exception>
    public static EigenDecomposition Of(Tensor matrix)
    {
        var square = Square(matrix);
        var n = square.RowCount;
        if (n == 0) return new([], []);
        var evd = square.Evd();
        var (values, vectors) = (evd.EigenValues, evd.EigenVectors);
        var pairs = new List<(Complex Value, Complex[] Vector)>(n);
        for (var k = 0; k < n; k++)
        {
            if (values[k].Imaginary == 0 || k + 1 == n)
            {
                pairs.Add((values[k], Unit([.. vectors.Column(k).Select(x => new Complex(x, 0))])));
                continue;
            }
            // Two columns hold the real and the imaginary part of a pair's first vector; the second is its conjugate.
            Complex[] first = [.. vectors.Column(k).Zip(vectors.Column(k + 1), (re, im) => new Complex(re, im))];
            pairs.Add((values[k], Unit(first)));
            pairs.Add((values[++k], Unit([.. first.Select(Complex.Conjugate)])));
        }
        pairs = [.. pairs.OrderByDescending(pair => pair.Value.Magnitude)];   // stable: a value and its conjugate stay together
        return new([.. pairs.Select(pair => pair.Value)], [.. pairs.Select(pair => pair.Vector)]);
    }

    internal static Matrix<double> Square(Tensor matrix)
    {
        var values = MatrixElements.Of(matrix, "eigenvalues");
        var (rows, columns) = matrix.Shape;
        if (rows != columns) throw new ArgumentException($"Only a square matrix has eigenvalues; the shape is {matrix.Shape}.", nameof(matrix));
        return Matrix<double>.Build.Dense(rows, rows, values).Transpose();
    }

    private static Complex[] Unit(Complex[] vector)
    {
        var length = Math.Sqrt(vector.Sum(x => x.Real * x.Real + x.Imaginary * x.Imaginary));
        return length == 0 ? vector : [.. vector.Select(x => x / length)];
    }
}

/// <summary>A = Q·diag(λ)·Qᵀ of a symmetric matrix: real values, directions at right angles. In float64; no tape sees it.</summary>
/// <param name="Values">λ, largest first.</param>
/// <param name="Vectors">Q, [n, n]: a column for each value, of length 1.</param>
public sealed record SymmetricEigenDecomposition(IReadOnlyList<double> Values, Tensor Vectors)
{
    /// <summary>Decomposes a symmetric matrix.</summary>
    /// <param name="matrix">[n, n], equal to its transpose up to rounding.</param>
    /// <exception cref="ArgumentException">Not square, not symmetric, or elements that are not finite.</exception>
    public static SymmetricEigenDecomposition Of(Tensor matrix)
    {
        var square = EigenDecomposition.Square(matrix);
        var (n, largest) = (square.RowCount, square.Enumerate().Select(Math.Abs).DefaultIfEmpty(0).Max());
        for (var i = 0; i < n; i++)
            for (var j = 0; j < i; j++)
                if (Math.Abs(square[i, j] - square[j, i]) > 1e-6 * largest) throw new ArgumentException($"The matrix of shape {matrix.Shape} is not symmetric: [{i}, {j}] is {square[i, j]} and [{j}, {i}] is {square[j, i]}.", nameof(matrix));
        if (n == 0) return new([], Tensor.Zeros([0, 0], DType.Float64, matrix.Device));
        var evd = square.Evd(Symmetricity.Symmetric);
        int[] order = [.. Enumerable.Range(0, n).OrderByDescending(k => evd.EigenValues[k].Real)];
        var vectors = Matrix<double>.Build.DenseOfColumnVectors(order.Select(evd.EigenVectors.Column));
        return new([.. order.Select(k => evd.EigenValues[k].Real)], MatrixElements.ToTensor(vectors, matrix.Device));
    }
}
