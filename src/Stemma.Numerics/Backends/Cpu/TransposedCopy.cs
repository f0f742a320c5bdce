using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Stemma.Numerics.Backends.Cpu;

/// <summary>
/// Copies between layouts whose neighbouring elements lie along different axes, in square tiles, so that every cache line that
/// is fetched is used up: rows of the source become columns of the target.
/// </summary>
internal readonly unsafe struct TransposedCopy : IParallelWork
{
    private const int Tile = 16;
    private const int BlockRows = 64;
    private const int BlockColumns = 256;
    private const int Chunk = BlockRows * BlockColumns;

    private readonly Shape _rest;
    private readonly Strides _from, _to;
    private readonly float* _x, _y;
    private readonly long _rows, _columns, _stepX, _stepY, _rowBlocks, _columnBlocks, _blocks, _perItem;

    private TransposedCopy(Shape shape, Strides from, Strides to, int alongX, int alongY, float* x, float* y)
    {
        _x = x;
        _y = y;
        (_from, _to) = (from, to);
        // Element (row, column) lies at row + column·stepX of the source and at row·stepY + column of the target.
        (_rows, _columns, _stepX, _stepY) = (shape[alongX], shape[alongY], from[alongY], to[alongX]);
        _rest = shape.With(alongX, 1).With(alongY, 1);
        (_rowBlocks, _columnBlocks) = ((_rows + BlockRows - 1) / BlockRows, (_columns + BlockColumns - 1) / BlockColumns);
        _blocks = _rest.Count * _rowBlocks * _columnBlocks;
        _perItem = Math.Max(1, Chunk / (Math.Min(_rows, BlockRows) * Math.Min(_columns, BlockColumns)));
    }

    /// <summary>Copies, where the two layouts are contiguous along different axes; else does nothing.</summary>
    /// <returns>Whether it copied.</returns>
    public static bool TryRun(WorkerPool pool, Shape shape, Strides from, Strides to, float* x, float* y)
    {
        int alongX = -1, alongY = -1;
        for (var axis = 0; axis < shape.Rank; axis++)
        {
            if (shape[axis] == 1) continue;
            if (from[axis] == 1) alongX = axis;
            if (to[axis] == 1) alongY = axis;
        }
        if (alongX < 0 || alongY < 0 || alongX == alongY) return false;
        var work = new TransposedCopy(shape, from, to, alongX, alongY, x, y);
        pool.Run((int)((work._blocks + work._perItem - 1) / work._perItem), work);
        return true;
    }

    public void Execute(int item)
    {
        var end = Math.Min(_blocks, (item + 1) * _perItem);
        for (var block = item * _perItem; block < end; block++)
        {
            var (rest, columnBlock) = Math.DivRem(block, _columnBlocks);
            (rest, var rowBlock) = Math.DivRem(rest, _rowBlocks);
            float* x = _x, y = _y;
            for (var axis = _rest.Rank - 1; axis >= 0; axis--)
            {
                (rest, var index) = Math.DivRem(rest, _rest[axis]);
                x += index * _from[axis];
                y += index * _to[axis];
            }
            var (row, column) = (rowBlock * BlockRows, columnBlock * BlockColumns);
            Block(x + row + column * _stepX, _stepX, y + row * _stepY + column, _stepY, Math.Min(BlockRows, _rows - row), Math.Min(BlockColumns, _columns - column));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Block(float* x, long stepX, float* y, long stepY, long rows, long columns)
    {
        for (var row = 0L; row < rows; row += Tile)
        {
            for (var column = 0L; column < columns; column += Tile)
            {
                float* from = x + row + column * stepX, to = y + row * stepY + column;
                if (rows - row >= Tile && columns - column >= Tile) Whole(from, stepX, to, stepY);
                else Part(from, stepX, to, stepY, Math.Min(Tile, rows - row), Math.Min(Tile, columns - column));
            }
        }
    }

    // Four by four in registers: one line of the source in each, then interleaved twice.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Whole(float* x, long stepX, float* y, long stepY)
    {
        for (var row = 0; row < Tile; row += 4)
        {
            for (var column = 0; column < Tile; column += 4)
            {
                var from = x + row + column * stepX;
                var (a, b, c, d) = (Vector128.Load(from), Vector128.Load(from + stepX), Vector128.Load(from + 2 * stepX), Vector128.Load(from + 3 * stepX));
                var (lowAc, highAc, lowBd, highBd) = (Low(a, c), High(a, c), Low(b, d), High(b, d));
                var to = y + row * stepY + column;
                Low(lowAc, lowBd).Store(to);
                High(lowAc, lowBd).Store(to + stepY);
                Low(highAc, highBd).Store(to + 2 * stepY);
                High(highAc, highBd).Store(to + 3 * stepY);
            }
        }
    }

    // a₀ b₀ a₁ b₁
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<float> Low(Vector128<float> a, Vector128<float> b) => Sse.IsSupported ? Sse.UnpackLow(a, b) : Vector128.Create(a[0], b[0], a[1], b[1]);

    // a₂ b₂ a₃ b₃
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<float> High(Vector128<float> a, Vector128<float> b) => Sse.IsSupported ? Sse.UnpackHigh(a, b) : Vector128.Create(a[2], b[2], a[3], b[3]);

    private static void Part(float* x, long stepX, float* y, long stepY, long rows, long columns)
    {
        for (var row = 0L; row < rows; row++)
            for (var column = 0L; column < columns; column++) y[row * stepY + column] = x[row + column * stepX];
    }
}
