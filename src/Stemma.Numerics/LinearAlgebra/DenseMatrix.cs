namespace Stemma.Numerics.LinearAlgebra;

/// <summary>A matrix of numbers row by row, as something to multiply with.</summary>
public sealed class DenseMatrix : ILinearMap
{
    private readonly double[] _values;

    /// <summary>A matrix.</summary>
    /// <param name="values">[rows, columns], row by row; kept, not copied.</param>
    /// <param name="rows">m.</param>
    /// <param name="columns">n.</param>
    /// <exception cref="ArgumentException">Another number of values.</exception>
    public DenseMatrix(double[] values, int rows, int columns)
    {
        ArgumentNullException.ThrowIfNull(values);
        if (values.Length != (long)rows * columns) throw new ArgumentException($"A matrix of {rows} × {columns} has {(long)rows * columns} numbers, not {values.Length}.", nameof(values));
        (_values, Rows, Columns) = (values, rows, columns);
    }

    /// <inheritdoc/>
    public int Rows { get; }

    /// <inheritdoc/>
    public int Columns { get; }

    /// <inheritdoc/>
    public void Multiply(double[] x, int width, double[] y)
    {
        ArgumentNullException.ThrowIfNull(x);
        ArgumentNullException.ThrowIfNull(y);
        Parallel.For(0, Rows, row =>
        {
            var sum = y.AsSpan(row * width, width);
            sum.Clear();
            for (var column = 0; column < Columns; column++) SparseMatrix.AddScaled(sum, x.AsSpan(column * width, width), _values[row * Columns + column]);
        });
    }

    /// <inheritdoc/>
    public void MultiplyTransposed(double[] x, int width, double[] y)
    {
        ArgumentNullException.ThrowIfNull(x);
        ArgumentNullException.ThrowIfNull(y);
        Parallel.For(0, Columns, column =>
        {
            var sum = y.AsSpan(column * width, width);
            sum.Clear();
            for (var row = 0; row < Rows; row++) SparseMatrix.AddScaled(sum, x.AsSpan(row * width, width), _values[row * Columns + column]);
        });
    }
}
