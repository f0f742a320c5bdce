namespace Stemma.Numerics.Backends.Cpu.Rows;

/// <summary>How rows are cut into chunks for threads: a function of the shape alone, so that sums over rows have the same bits on any machine.</summary>
internal readonly struct RowChunks
{
    /// <summary>Elements of a chunk that are worth handing to a thread.</summary>
    private const int ElementsPerChunk = 1 << 13;

    /// <summary>Most chunks where each keeps partial sums.</summary>
    private const int MaxPartials = 64;

    private RowChunks(nint rows, nint rowsPerChunk)
    {
        Rows = rows;
        RowsPerChunk = Math.Max(1, rowsPerChunk);
        Count = (int)((rows + RowsPerChunk - 1) / RowsPerChunk);
    }

    /// <summary>All rows.</summary>
    public nint Rows { get; }

    /// <summary>Rows of every chunk but the last.</summary>
    public nint RowsPerChunk { get; }

    /// <summary>Chunks.</summary>
    public int Count { get; }

    /// <summary>Chunks of rows that have nothing to do with each other.</summary>
    public static RowChunks Independent(nint rows, nint width) => new(rows, ElementsPerChunk / Math.Max(1, width));

    /// <summary>Chunks that each add up their rows, at most <see cref="MaxPartials"/> of them.</summary>
    public static RowChunks Partial(nint rows, nint width) => new(rows, Math.Max(ElementsPerChunk / Math.Max(1, width), (rows + MaxPartials - 1) / MaxPartials));

    /// <summary>The first row of a chunk.</summary>
    public nint First(int chunk) => chunk * RowsPerChunk;

    /// <summary>One more than the last row of a chunk.</summary>
    public nint End(int chunk) => Math.Min(Rows, (chunk + 1) * RowsPerChunk);
}
