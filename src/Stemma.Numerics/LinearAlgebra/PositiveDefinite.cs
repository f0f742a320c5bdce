using MathNet.Numerics.LinearAlgebra;

namespace Stemma.Numerics.LinearAlgebra;

/// <summary>Symmetric matrices whose eigenvalues are positive, such as the curvature of a convex loss. Computed by MathNet.Numerics.</summary>
public static class PositiveDefinite
{
    /// <summary>The x of A·x = b, by Cholesky's decomposition.</summary>
    /// <param name="matrix">A, [n, n]; its lower half is read.</param>
    /// <param name="right">b, n numbers.</param>
    /// <exception cref="ArgumentException">Sizes that do not fit, or a matrix that is not positive definite.</exception>
    public static double[] Solve(double[,] matrix, double[] right)
    {
        ArgumentNullException.ThrowIfNull(matrix);
        ArgumentNullException.ThrowIfNull(right);
        if (matrix.GetLength(0) != right.Length || matrix.GetLength(1) != right.Length) throw new ArgumentException($"A matrix of {matrix.GetLength(0)} × {matrix.GetLength(1)} and {right.Length} numbers do not fit.", nameof(right));
        return Matrix<double>.Build.Dense(right.Length, right.Length, (i, j) => matrix[Math.Max(i, j), Math.Min(i, j)]).Cholesky().Solve(Vector<double>.Build.Dense(right)).ToArray();
    }
}
