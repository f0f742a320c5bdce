namespace Stemma.Numerics.LinearAlgebra;

/// <summary>A matrix that is only multiplied with: all that an iterative decomposition asks of it.</summary>
public interface ILinearMap
{
    /// <summary>m.</summary>
    int Rows { get; }

    /// <summary>n.</summary>
    int Columns { get; }

    /// <summary>Y = A·X.</summary>
    /// <param name="x">[n, width], row by row.</param>
    /// <param name="width">Columns of X.</param>
    /// <param name="y">[m, width]; overwritten.</param>
    void Multiply(double[] x, int width, double[] y);

    /// <summary>Y = Aᵀ·X.</summary>
    /// <param name="x">[m, width], row by row.</param>
    /// <param name="width">Columns of X.</param>
    /// <param name="y">[n, width]; overwritten.</param>
    void MultiplyTransposed(double[] x, int width, double[] y);
}
