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
    /// <summary>Queries in a vector of scores.</summary>
    private const int Lanes = 16;

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
}
