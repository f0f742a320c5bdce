using Stemma.Numerics.Backends.Cpu.Emitted;

namespace Stemma.Numerics.Backends.Cpu.MatMul;

/// <summary>What is done with the finished sums of a matrix product while they are in a cache of the thread that made them.</summary>
/// <remarks>
/// Bits are those of a pass of its own over the stored product: a sum is first rounded to what the product would have been stored in,
/// and every element goes through the same vector arithmetic whatever stands around it.
/// </remarks>
internal abstract unsafe class Epilogue
{
    /// <summary>Consumes a part of the product, of complete sums with bias; called once for every element.</summary>
    /// <param name="sums">The first sum; may be where the results go.</param>
    /// <param name="stride">Sums from one row to the next.</param>
    /// <param name="row">The first row.</param>
    /// <param name="rows">Rows.</param>
    /// <param name="column">The first column.</param>
    /// <param name="columns">Columns.</param>
    public abstract void Apply(float* sums, nint stride, int row, int rows, int column, int columns);

    /// <summary>What <see cref="Apply"/> will read and write of a strip of rows.</summary>
    /// <param name="row">The first row.</param>
    /// <param name="column">The first column.</param>
    /// <param name="steps">Steps that a kernel makes for each panel, of which each asks for a row.</param>
    public abstract StripAhead Ahead(int row, int column, int steps);

    /// <summary>Two matrices of as many columns, down the rows panel by panel; where a row of a panel takes two lines, both of the first matrix, for the second is where the sums are.</summary>
    protected static StripAhead Ahead<T>(T* first, T* second, nint width, int row, int column, int steps) where T : unmanaged => new()
    {
        First = (byte*)(first + row * width + column),
        Second = sizeof(T) == sizeof(float) ? StripArguments.PanelRowBytes / 2 : (nint)((byte*)second - (byte*)first),
        Step = width * sizeof(T),
        NextPanel = (StripArguments.PanelColumns - steps * width) * sizeof(T),
    };
}
