using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Stemma.Numerics.Backends.Cpu.MatMul;

namespace Stemma.Numerics.Backends.Cpu.Attention;

/// <summary>Attention over tiles of keys with a running maximum and sum. Dao et al. 2022, "FlashAttention", arXiv:2205.14135.</summary>
/// <remarks>
/// Scores stand as [key][query]: the softmax and its gradient are then elementwise over vectors of queries, adding keys in order. Queries (and
/// the gradients of outputs) are transposed once for all the keys that they meet; nothing else is packed.
/// </remarks>
internal sealed unsafe partial class TiledAttention<TTiles> : AttentionKernel where TTiles : struct, IAttentionTiles
{
    /// <summary>Keys of a tile; tiles start at multiples of it.</summary>
    private const int KeyTile = 64;

    /// <summary>Queries in a vector of scores.</summary>
    private const int Lanes = 16;

    /// <summary>log₂ e: scores are kept in units of it, for powers of two are cheaper.</summary>
    private const float Log2E = 1.44269504f;

    private static int CeilingDivide(int a, int b) => (a + b - 1) / b;

    private static int RoundUp(int count, int step) => (count + step - 1) / step * step;

    /// <summary>Whether there are enough heads and sequences to give each thread whole ones; they keep a head's keys in its cache.</summary>
    private static bool CutsByHead(WorkerPool pool, int sequenceCount, int headCount) => pool.ThreadCount == 1 || sequenceCount * headCount >= 3 * pool.ThreadCount;

    /// <summary>products[key][query] = rows · lines, of keys and queries that see each other, rounded up to vectors of queries.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Products(in AttentionArguments m, in QueryTile tile, int start, int count, float* rows, nint stride, float* transposedLines, float* products)
    {
        for (var row = 0; row < count; row += TTiles.Rows)
        {
            var height = Math.Min(TTiles.Rows, count - row);
            var (low, end) = tile.Queries(m, start + row, start + row + height - 1);
            end = RoundUp(end, Lanes);
            for (var column = low / Lanes * Lanes; column < end;)
            {
                var panel = transposedLines + (nint)(column / (2 * TTiles.Lanes)) * m.HeadSize * 2 * TTiles.Lanes + column % (2 * TTiles.Lanes);
                if (column % (2 * TTiles.Lanes) == 0 && end - column >= 2 * TTiles.Lanes)
                {
                    TTiles.Two(height, m.HeadSize, rows + row * stride, stride, 1, panel, 2 * TTiles.Lanes, products + row * QueryTile.MaxCount + column, QueryTile.MaxCount, add: false);
                    column += 2 * TTiles.Lanes;
                }
                else
                {
                    TTiles.One(height, m.HeadSize, rows + row * stride, stride, 1, panel, 2 * TTiles.Lanes, products + row * QueryTile.MaxCount + column, QueryTile.MaxCount, add: false);
                    column += TTiles.Lanes;
                }
            }
        }
    }

    /// <summary>C (+)= a·b for up to <see cref="IAttentionTiles.Rows"/> rows, over the head.</summary>
    /// <param name="rows">Rows.</param>
    /// <param name="size">Columns: elements of a head.</param>
    /// <param name="depth">Steps; C becomes zero, or stays, where there is none.</param>
    /// <param name="a">a[0, 0].</param>
    /// <param name="aRow">Elements from a row of a to the next.</param>
    /// <param name="aStep">Elements from a step of a to the next.</param>
    /// <param name="b">Row 0 of b, <see cref="Lines"/>.</param>
    /// <param name="bStep">Elements from a row of b to the next.</param>
    /// <param name="c">Row 0 of C.</param>
    /// <param name="cStep">Elements from a row of C to the next.</param>
    /// <param name="add">Whether to add to C.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Sum(int rows, int size, int depth, float* a, nint aRow, nint aStep, float* b, nint bStep, float* c, nint cStep, bool add)
    {
        if (depth <= 0)
        {
            for (var row = 0; !add && row < rows; row++)
                new Span<float>(c + row * cStep, size).Clear();
            return;
        }
        var column = 0;
        for (; column + 2 * TTiles.Lanes <= size; column += 2 * TTiles.Lanes)
            TTiles.Two(rows, depth, a, aRow, aStep, b + column, bStep, c + column, cStep, add);
        if (column + TTiles.Lanes <= size)
        {
            TTiles.One(rows, depth, a, aRow, aStep, b + column, bStep, c + column, cStep, add);
            column += TTiles.Lanes;
        }
        if (column == size)
            return;
        var edge = stackalloc float[8 * 16];
        TTiles.One(rows, depth, a, aRow, aStep, b + column, bStep, edge, TTiles.Lanes, add: false);
        TileEdge.Merge(rows, size - column, edge, TTiles.Lanes, c + column, cStep, null, add);
    }

    /// <summary>Lines of a head as the right operand of a product over the lines: as they lie, unless the head ends inside a vector.</summary>
    private static float* Lines(float* source, ref nint stride, int lines, int size, float* target)
    {
        if (size % TTiles.Lanes == 0)
            return source;
        var padded = RoundUp(size, TTiles.Lanes);
        for (var line = 0; line < lines; line++)
        {
            new Span<float>(source + line * stride, size).CopyTo(new(target + (nint)line * padded, size));
            new Span<float>(target + (nint)line * padded + size, padded - size).Clear();
        }
        stride = padded;
        return target;
    }

    /// <summary>Transposes the queries' rows, and multiplies them.</summary>
    private static void Transpose(in QueryTile tile, in HeadRows rows, int size, float factor, float* target)
    {
        TTiles.Transpose(tile.Row(rows, 0), tile.Stride(rows), tile.Count, size, target);
        if (factor == 1f)
            return;
        for (nint i = 0; i < (nint)RoundUp(tile.Count, 2 * TTiles.Lanes) * size; i += Lanes)
            (Vector512.Load(target + i) * factor).Store(target + i);
    }

    /// <summary>Numbers of a tile's lines, a vector more than a head included.</summary>
    private static nint TileLength(int size) => (nint)KeyTile * (size + Lanes);

    /// <summary>Where sequences and their items begin and end.</summary>
    private readonly struct Sequences
    {
        private readonly int* _queryOffsets;
        private readonly int* _keyOffsets;
        private readonly int* _itemOffsets;

        public Sequences(int* queryOffsets, int* keyOffsets, int count)
        {
            _queryOffsets = queryOffsets;
            _keyOffsets = keyOffsets;
            Count = count;
            _itemOffsets = (int*)Scratch.Take(ScratchSlot.Partials, count + 1);
            _itemOffsets[0] = 0;
        }

        public int Count { get; }

        public int ItemCount => _itemOffsets[Count];

        public int FirstQuery(int sequence) => _queryOffsets[sequence];

        public int FirstKey(int sequence) => _keyOffsets[sequence];

        public int QueryCount(int sequence) => _queryOffsets[sequence + 1] - _queryOffsets[sequence];

        public int KeyCount(int sequence) => _keyOffsets[sequence + 1] - _keyOffsets[sequence];

        /// <summary>Queries of a head, a tile of them from <paramref name="first"/> on.</summary>
        public QueryTile Tile(in AttentionArguments m, int sequence, int head, int first) => new()
        {
            Sequence = sequence,
            KeyCount = KeyCount(sequence),
            FirstKeyToken = FirstKey(sequence),
            KvHead = head / m.GroupSize,
            Head = head,
            TokenStep = 1,
            Token = FirstQuery(sequence) + first,
            Position = KeyCount(sequence) - QueryCount(sequence) + first,
            Count = Math.Min(QueryTile.MaxCount, QueryCount(sequence) - first),
        };

        /// <summary>Says how many items a sequence has; to be called for each in order.</summary>
        public void SetItems(int sequence, int items) => _itemOffsets[sequence + 1] = _itemOffsets[sequence] + items;

        /// <summary>The sequence that an item belongs to; <paramref name="item"/> becomes its number there.</summary>
        public int Find(ref int item)
        {
            int low = 0, high = Count;
            while (high - low > 1)
            {
                var middle = (low + high) / 2;
                (low, high) = _itemOffsets[middle] <= item ? (middle, high) : (low, middle);
            }
            item -= _itemOffsets[low];
            return low;
        }
    }
}
