using System.Numerics;
using System.Runtime.InteropServices;

namespace Stemma.Numerics.LinearAlgebra;

/// <summary>A matrix of which only elements that are not zero are kept, row by row with ascending columns.</summary>
public sealed class SparseMatrix : ILinearMap
{
    private readonly int[] _starts, _columns;
    private readonly float[] _values;
    private readonly Lazy<SparseMatrix> _transposed;

    /// <summary>A matrix of its rows.</summary>
    /// <param name="columns">How many columns it has.</param>
    /// <param name="rows">Of each row the columns, ascending, and the values.</param>
    /// <exception cref="ArgumentException">A column outside the matrix or out of order, or more elements than one array holds.</exception>
    public SparseMatrix(int columns, IReadOnlyList<(int[] Columns, float[] Values)> rows)
    {
        ArgumentNullException.ThrowIfNull(rows);
        var count = rows.Sum(row => (long)row.Columns.Length);
        if (count > Array.MaxLength) throw new ArgumentException($"{count:N0} elements are more than the {Array.MaxLength:N0} that one array holds.", nameof(rows));
        (Columns, _starts, _columns, _values) = (columns, new int[rows.Count + 1], new int[count], new float[count]);
        for (var row = 0; row < rows.Count; row++)
        {
            var (places, values) = rows[row];
            if (places.Length != values.Length) throw new ArgumentException($"Row {row} has {places.Length} columns and {values.Length} values.", nameof(rows));
            for (var i = 0; i < places.Length; i++)
                if ((uint)places[i] >= (uint)columns || i > 0 && places[i] <= places[i - 1]) throw new ArgumentException($"Column {places[i]} of row {row} is out of range or out of order.", nameof(rows));
            places.CopyTo(_columns, _starts[row]);
            values.CopyTo(_values, _starts[row]);
            _starts[row + 1] = _starts[row] + places.Length;
        }
        _transposed = new(Transpose);
    }

    private SparseMatrix(int columns, int[] starts, int[] places, float[] values)
    {
        (Columns, _starts, _columns, _values) = (columns, starts, places, values);
        _transposed = new(Transpose);
    }

    /// <inheritdoc/>
    public int Rows => _starts.Length - 1;

    /// <inheritdoc/>
    public int Columns { get; }

    /// <summary>Elements that are kept.</summary>
    public int Count => _values.Length;

    /// <summary>The columns of a row's elements.</summary>
    public ReadOnlySpan<int> ColumnsOf(int row) => _columns.AsSpan(_starts[row].._starts[row + 1]);

    /// <summary>A row's elements.</summary>
    public ReadOnlySpan<float> ValuesOf(int row) => _values.AsSpan(_starts[row].._starts[row + 1]);

    /// <summary>An element; 0 where none is kept.</summary>
    public float this[int row, int column] => ColumnsOf(row).BinarySearch(column) is var place and >= 0 ? ValuesOf(row)[place] : 0;

    /// <summary>Rows become columns.</summary>
    public SparseMatrix Transposed => _transposed.Value;

    /// <inheritdoc/>
    public void Multiply(double[] x, int width, double[] y)
    {
        ArgumentNullException.ThrowIfNull(x);
        ArgumentNullException.ThrowIfNull(y);
        if (x.Length != (long)Columns * width || y.Length != (long)Rows * width) throw new ArgumentException($"A matrix of {Rows} × {Columns} takes {(long)Columns * width} numbers to {(long)Rows * width}, not {x.Length} to {y.Length}.");
        // A row of the result has its own order of summation, whatever the threads.
        Parallel.For(0, Rows, row =>
        {
            var sum = y.AsSpan(row * width, width);
            sum.Clear();
            for (var i = _starts[row]; i < _starts[row + 1]; i++) AddScaled(sum, x.AsSpan(_columns[i] * width, width), _values[i]);
        });
    }

    /// <inheritdoc/>
    public void MultiplyTransposed(double[] x, int width, double[] y) => Transposed.Multiply(x, width, y);

    internal static void AddScaled(Span<double> target, ReadOnlySpan<double> source, double factor)
    {
        var wide = MemoryMarshal.Cast<double, Vector<double>>(target);
        var from = MemoryMarshal.Cast<double, Vector<double>>(source);
        for (var i = 0; i < wide.Length; i++) wide[i] += from[i] * factor;
        for (var i = wide.Length * Vector<double>.Count; i < target.Length; i++) target[i] += source[i] * factor;
    }

    private SparseMatrix Transpose()
    {
        var (starts, places, values) = (new int[Columns + 1], new int[Count], new float[Count]);
        foreach (var column in _columns) starts[column + 1]++;
        for (var column = 0; column < Columns; column++) starts[column + 1] += starts[column];
        var next = starts[..^1];
        for (var row = 0; row < Rows; row++)
        {
            for (var i = _starts[row]; i < _starts[row + 1]; i++)
            {
                var place = next[_columns[i]]++;
                (places[place], values[place]) = (row, _values[i]);
            }
        }
        return new(Rows, starts, places, values);
    }
}
