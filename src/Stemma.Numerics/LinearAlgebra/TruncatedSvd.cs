using System.Runtime.InteropServices;
using MathNet.Numerics.LinearAlgebra;
using Lanes = System.Numerics.Vector<double>;

namespace Stemma.Numerics.LinearAlgebra;

/// <summary>
/// The largest singular values of a matrix and their vectors, A ≈ U·diag(σ)·Vᵀ: of all matrices of that rank the nearest, off by
/// √(Σ of the squares of the other σ) (Eckart and Young 1936).
/// </summary>
/// <param name="Left">U: [rows, rank], row by row.</param>
/// <param name="Values">σ, largest first, not negative.</param>
/// <param name="Right">V: [columns, rank], row by row.</param>
public sealed record TruncatedSvd(double[] Left, double[] Values, double[] Right)
{
    private const int Oversampling = 10;

    /// <summary>How many singular values there are.</summary>
    public int Rank => Values.Length;

    /// <summary>
    /// Finds them by the random range finder with power iterations. Halko, Martinsson and Tropp 2011, "Finding structure with randomness",
    /// algorithms 4.4 and 5.1. Where all that the matrix has is asked for, the result is that of a full decomposition.
    /// </summary>
    /// <param name="matrix">Any that can be multiplied with.</param>
    /// <param name="rank">How many; at most its smaller side.</param>
    /// <param name="seed">Decides where the search starts.</param>
    /// <param name="iterations">Power iterations: each brings the values nearer by the square of their ratio to those left out.</param>
    /// <param name="progress">Told the share done.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <exception cref="ArgumentException">A rank below 1 or above the smaller side.</exception>
    public static TruncatedSvd Of(ILinearMap matrix, int rank, ulong seed = 1337, int iterations = 4, IProgress<double>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(matrix);
        var (rows, columns) = (matrix.Rows, matrix.Columns);
        if (rank < 1 || rank > Math.Min(rows, columns)) throw new ArgumentException($"A matrix of {rows} × {columns} has 1 to {Math.Min(rows, columns)} singular values; {rank} were asked for.", nameof(rank));
        var width = Math.Min(rank + Oversampling, Math.Min(rows, columns));
        var random = new RandomStream(seed).Fork("range");
        var (right, left) = (new double[checked(columns * width)], new double[checked(rows * width)]);
        for (var i = 0; i < right.Length; i++) right[i] = random.Normal((ulong)i);
        for (var i = 0; i <= iterations; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            matrix.Multiply(right, width, left);
            Orthonormalise(left, rows, width);
            matrix.MultiplyTransposed(left, width, right);
            if (i < iterations) Orthonormalise(right, columns, width);
            progress?.Report((i + 1.0) / (iterations + 1));
        }
        // A ≈ Q·(AᵀQ)ᵀ with AᵀQ = P·R, so that the values are those of the small R.
        var product = (double[])right.Clone();
        Orthonormalise(right, columns, width);
        var small = Matrix<double>.Build.Dense(width, width);
        for (var row = 0; row < columns; row++)
            for (var i = 0; i < width; i++)
                for (var j = 0; j < width; j++) small[i, j] += right[row * width + i] * product[row * width + j];
        var svd = small.Svd();
        return new(Times(left, rows, svd.VT.Transpose()), [.. svd.S.Take(rank)], Times(right, columns, svd.U));

        double[] Times(double[] basis, int count, Matrix<double> turn)
        {
            var result = new double[count * rank];
            for (var row = 0; row < count; row++)
                for (var k = 0; k < width; k++)
                    for (var i = 0; i < rank; i++) result[row * rank + i] += basis[row * width + k] * turn[k, i];
            return result;
        }
    }

    /// <summary>Makes the columns of a matrix orthonormal, in place: Gram and Schmidt, twice for the digits that the first time loses. A column that depends on others becomes 0.</summary>
    private static void Orthonormalise(double[] values, int rows, int width)
    {
        var columns = new double[width][];
        for (var i = 0; i < width; i++)
        {
            var column = columns[i] = new double[rows];
            for (var row = 0; row < rows; row++) column[row] = values[row * width + i];
            var before = Math.Sqrt(Dot(column, column));
            for (var time = 0; time < 2; time++)
                for (var j = 0; j < i; j++) SparseMatrix.AddScaled(column, columns[j], -Dot(column, columns[j]));
            var norm = Math.Sqrt(Dot(column, column));
            var scale = norm > 1e-12 * before && norm > 0 ? 1 / norm : 0;
            for (var row = 0; row < rows; row++) column[row] *= scale;
        }
        for (var row = 0; row < rows; row++)
            for (var i = 0; i < width; i++) values[row * width + i] = columns[i][row];
    }

    private static double Dot(ReadOnlySpan<double> a, ReadOnlySpan<double> b)
    {
        var left = MemoryMarshal.Cast<double, Lanes>(a);
        var right = MemoryMarshal.Cast<double, Lanes>(b);
        var sums = Lanes.Zero;
        for (var i = 0; i < left.Length; i++) sums += left[i] * right[i];
        var sum = System.Numerics.Vector.Sum(sums);
        for (var i = left.Length * Lanes.Count; i < a.Length; i++) sum += a[i] * b[i];
        return sum;
    }
}
