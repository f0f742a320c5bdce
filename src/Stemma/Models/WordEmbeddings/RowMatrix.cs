using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Stemma.Models.WordEmbeddings;

/// <summary>Rows of numbers that several threads change at once, each aligned to the lines of the processor's cache; what follows a row up to the next vector is 0.</summary>
internal sealed unsafe class RowMatrix : IDisposable
{
    private const int Line = 16;    // floats

    private readonly nuint _stride;
    private float* _values;

    public RowMatrix(int rows, int columns)
    {
        (Rows, Columns) = (rows, columns);
        _stride = (nuint)((columns + Line - 1) / Line * Line);
        var bytes = checked((nuint)rows * _stride * sizeof(float));
        _values = (float*)NativeMemory.AlignedAlloc(bytes, Line * sizeof(float));
        NativeMemory.Clear(_values, bytes);
        GC.AddMemoryPressure((long)bytes);
    }

    ~RowMatrix() => Free();

    public int Rows { get; }

    public int Columns { get; }

    /// <summary>Vectors of eight that hold a row.</summary>
    public int VectorCount => (Columns + 7) / 8;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public float* Row(int row) => _values + (nuint)(uint)row * _stride;

    /// <summary>A row's numbers; only while nobody disposes the matrix.</summary>
    public Span<float> this[int row] => new(Row(row), Columns);

    /// <summary>All rows, one after the other.</summary>
    public float[] ToArray()
    {
        var values = new float[checked(Rows * Columns)];
        for (var row = 0; row < Rows; row++) this[row].CopyTo(values.AsSpan(row * Columns));
        GC.KeepAlive(this);
        return values;
    }

    public void Dispose()
    {
        Free();
        GC.SuppressFinalize(this);
    }

    private void Free()
    {
        if (_values is null) return;
        NativeMemory.AlignedFree(_values);
        GC.RemoveMemoryPressure((long)((nuint)Rows * _stride * sizeof(float)));
        _values = null;
    }
}
