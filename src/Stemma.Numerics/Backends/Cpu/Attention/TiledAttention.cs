using System.Runtime.CompilerServices;
using Stemma.Numerics.Backends.Cpu.MatMul;

namespace Stemma.Numerics.Backends.Cpu.Attention;

/// <summary>Attention over tiles of keys with a running maximum and sum. Dao et al. 2022, "FlashAttention", arXiv:2205.14135.</summary>
/// <remarks>
/// Forward, scores stand as [key][query]: the softmax is then elementwise over vectors of queries, adding keys in order, and the probabilities
/// are already the panels that the product with v reads. Backward, they stand as [query][key], for the same reason seen from dk and dv.
/// </remarks>
internal sealed unsafe partial class TiledAttention<TTiles> : AttentionKernel where TTiles : struct, ITileSet
{
    /// <summary>Keys of a tile; tiles start at multiples of it.</summary>
    private const int KeyTile = 64;

    /// <summary>Queries of a tile.</summary>
    private const int QueryTile = 64;

    /// <summary>Elements between packed panels, beyond which nothing is written.</summary>
    private const int PanelPadding = 32;

    /// <inheritdoc/>
    public override void Forward(WorkerPool pool, in AttentionArguments arguments, ReadOnlySpan<int> queryOffsets, ReadOnlySpan<int> keyOffsets)
    {
        fixed (int* queries = queryOffsets, keys = keyOffsets)
        {
            var sequences = new Sequences(queries, keys, queryOffsets.Length - 1);
            for (var sequence = 0; sequence < sequences.Count; sequence++)
                sequences.SetItems(sequence, TilesOf(arguments, sequences.QueryCount(sequence)));
            pool.Run(sequences.ItemCount, new ForwardWork(arguments, sequences));
        }
    }

    /// <summary>Items of a sequence: tiles of queries for each head or, where there is one query, all heads that share a key head at once.</summary>
    private static int TilesOf(in AttentionArguments m, int queryCount) =>
        queryCount == 1 ? m.KvHeadCount * CeilingDivide(m.GroupSize, QueryTile) : m.HeadCount * CeilingDivide(queryCount, QueryTile);

    private static int CeilingDivide(int a, int b) => (a + b - 1) / b;

    private static int RoundUp(int count, int step) => (count + step - 1) / step * step;

    /// <summary>One strip of a product, C (+)= a·b over the steps of k in [<paramref name="first"/>, <paramref name="end"/>): zeros outside them need not be multiplied.</summary>
    /// <param name="row">First row of the strip, a multiple of the tile's rows.</param>
    /// <param name="rows">Rows of the whole product.</param>
    /// <param name="columns">Columns.</param>
    /// <param name="first">First step of k.</param>
    /// <param name="end">One more than the last step of k.</param>
    /// <param name="a">Left operand.</param>
    /// <param name="b">Right operand.</param>
    /// <param name="c">Row 0 of C.</param>
    /// <param name="cStep">Elements from a row of C to the next.</param>
    /// <param name="add">Whether to add to C.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Strip(int row, int rows, int columns, int first, int end, in Panels a, in Panels b, float* c, nint cStep, bool add)
    {
        var aPanel = a.Start + row / TTiles.Rows * a.PanelStride + first * a.Step;
        var bPanel = b.Start + first * b.Step;
        for (var column = 0; column < columns; column += TTiles.Columns, bPanel += b.PanelStride)
        {
            TTiles.Compute(Math.Min(TTiles.Rows, rows - row), Math.Min(TTiles.Columns, columns - column), end - first, aPanel, a.Step,
                bPanel, b.Step, c + row * cStep + column, cStep, null, add);
        }
    }

    /// <summary>Packs lines of a head as rows of a product over the head.</summary>
    private static Panels PackRows(float* source, nint stride, int lines, int depth, float* target)
    {
        var panelStride = (nint)depth * TTiles.Rows + PanelPadding;
        TTiles.PackLines<NoRounding>(source, stride, lines, depth, target, panelStride, TTiles.Rows);
        return new Panels(target, TTiles.Rows, panelStride);
    }

    /// <summary>Packs lines of a head as columns of a product over the head.</summary>
    private static Panels PackColumns(float* source, nint stride, int lines, int depth, float* target)
    {
        var panelStride = (nint)depth * TTiles.Columns + PanelPadding;
        TTiles.PackLines<NoRounding>(source, stride, lines, depth, target, panelStride, TTiles.Columns);
        return new Panels(target, TTiles.Columns, panelStride);
    }

    /// <summary>Lines of a head as the right operand of a product over the lines: as they lie, unless the head ends inside a vector.</summary>
    private static Panels Lines(float* source, nint stride, int lines, int headSize, float* target)
    {
        if (headSize % (TTiles.Columns / 2) == 0)
            return new Panels(source, stride, TTiles.Columns);
        var panelStride = (nint)lines * TTiles.Columns + PanelPadding;
        TTiles.PackSteps<NoRounding>(source, stride, headSize, lines, target, panelStride, TTiles.Columns);
        return new Panels(target, TTiles.Columns, panelStride);
    }

    private static nint PackedLength(int lines, int depth) => (nint)(RoundUp(lines, 64) + TTiles.Columns) * (depth + 1) + 64 * PanelPadding;

    /// <summary>An operand of a product: panels, or, with panels as far apart as a tile is wide, a matrix as it lies.</summary>
    private readonly struct Panels(float* start, nint step, nint panelStride)
    {
        public readonly float* Start = start;
        public readonly nint Step = step;
        public readonly nint PanelStride = panelStride;
    }

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
