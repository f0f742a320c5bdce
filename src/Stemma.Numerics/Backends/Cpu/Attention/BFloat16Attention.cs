using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Stemma.Numerics.Backends.Cpu.Emitted;
using Stemma.Numerics.Backends.Cpu.MatMul;

namespace Stemma.Numerics.Backends.Cpu.Attention;

/// <summary>Attention whose products are of bfloat16 factors, by generated kernels; scores, their softmax and all sums are float32.</summary>
/// <remarks>
/// As <see cref="TiledAttention{TTiles}"/>, with the results of products over keys kept transposed, [head size][query], until a tile of queries
/// is done: the probabilities come as pairs of keys, which is what the right operand of a product is made of.
/// </remarks>
internal sealed unsafe partial class BFloat16Attention(StripKernels kernels) : AttentionKernel
{
    private const int Lanes = 16;
    private const int PanelColumns = StripArguments.PanelColumns;

    /// <summary>Values of a panel of a tile's pairs: 64 keys or queries, 32 columns.</summary>
    private const int PairPanel = KeyTile * PanelColumns;

    /// <summary>The head size with the zeros that fill up its last step.</summary>
    private static int Depth(int size) => RoundUp(size, BFloat16Packing.BlockDepth);

    /// <summary>The head size in whole vectors.</summary>
    private static int Padded(int size) => RoundUp(size, PanelColumns);

    /// <summary>A tile's lines as rows: [line][element].</summary>
    private static void PackRows(float* source, nint stride, int lines, int size, ushort* target) =>
        BFloat16Packing.Rows<Float32Source>(source, stride, across: false, lines, size, target, Depth(size));

    /// <summary>A tile's lines as columns: [element][line].</summary>
    private static void PackColumns(float* source, nint stride, int lines, int size, ushort* target) =>
        BFloat16Packing.Rows<Float32Source>(source, stride, across: true, size, lines, target, KeyTile);

    /// <summary>A tile's lines as the right operand of a product over the head: [panel][element/2][32 lines][2].</summary>
    private static void PackPanels(float* source, nint stride, int lines, int size, ushort* target) =>
        BFloat16Packing.Panels<Float32Source>(source, stride, across: false, lines, size, target, (nint)Depth(size) * PanelColumns);

    /// <summary>A tile's lines as the right operand of a product over the lines: [panel][line/2][32 elements][2].</summary>
    private static void PackPairs(float* source, nint stride, int lines, int size, ushort* target) =>
        BFloat16Packing.Panels<Float32Source>(source, stride, across: true, size, lines, target, PairPanel);

    /// <summary>Packs queries for their scores, multiplied by the scale in units of log₂ e.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void PackQueries(in AttentionArguments m, in QueryTile tile, float* scaled, ushort* target)
    {
        var factor = Vector512.Create(m.Scale * Log2E);
        for (var i = 0; i < tile.Count; i++)
        {
            var row = tile.Row(m.Query, i);
            for (var j = 0; j < m.HeadSize; j += Lanes)
                (VectorMath.Load(row + j, m.HeadSize - j) * factor).Store(scaled + i * Padded(m.HeadSize) + j);
        }
        PackPanels(scaled, Padded(m.HeadSize), tile.Count, m.HeadSize, target);
    }

    /// <summary>Asks for the words of what dropout keeps, before the products that they wait for.</summary>
    private static void AskForKept(in AttentionArguments m, in QueryTile tile, int start)
    {
        for (var lane = 0; m.Kept != null && lane < tile.Count; lane += Lanes)
        {
            var kept = tile.Kept(m, lane, start);
            Sse.Prefetch0(kept);
            Sse.Prefetch0(kept + KeyTile / 2);
        }
    }

    /// <summary>products[key][query] = rows · panels, of keys and queries that see each other, rounded up to panels.</summary>
    private void Products(in AttentionArguments m, in QueryTile tile, int start, int count, ushort* rows, ushort* panels, float* products)
    {
        var depth = Depth(m.HeadSize);
        var steps = CeilingDivide(m.HeadSize, kernels.DepthStep);
        for (var row = 0; row < count; row += kernels.Rows)
        {
            var height = Math.Min(kernels.Rows, count - row);
            var (low, end) = tile.Queries(m, start + row, start + row + height - 1);
            if (low == end)
                continue;
            var first = low / PanelColumns;
            kernels.Compute(height, (CeilingDivide(end, PanelColumns) - first) * PanelColumns, steps, rows + (nint)row * depth, depth,
                panels + (nint)first * depth * PanelColumns, (nint)depth * PanelColumns, products + row * QueryTile.MaxCount + first * PanelColumns, QueryTile.MaxCount, null, add: false);
        }
    }

    /// <summary>sums[element][query] (+)= columns · pairs, over the keys that the queries of a panel see.</summary>
    private void SumOverKeys(in AttentionArguments m, in QueryTile tile, int start, int count, ushort* columns, ushort* pairs, float* sums, bool add)
    {
        for (var query = 0; query < tile.Count; query += PanelColumns)
        {
            var (low, end) = tile.Keys(m, query, Math.Min(query + PanelColumns, tile.Count) - 1, start, count);
            (low, end) = (low / kernels.DepthStep * kernels.DepthStep, low == end ? low / kernels.DepthStep * kernels.DepthStep : RoundUp(end, kernels.DepthStep));
            for (var row = 0; row < m.HeadSize; row += kernels.Rows)
            {
                var height = Math.Min(kernels.Rows, m.HeadSize - row);
                var target = sums + row * QueryTile.MaxCount + query;
                if (low < end)
                    kernels.Compute(height, PanelColumns, (end - low) / kernels.DepthStep, columns + row * KeyTile + low, KeyTile, pairs + (nint)query * KeyTile + low * PanelColumns, PairPanel, target, QueryTile.MaxCount, null, add);
                else if (!add)
                    Clear(target, QueryTile.MaxCount, height, PanelColumns);
            }
        }
    }

    /// <summary>sums[key][element] (+)= rows · pairs, over the queries that see the keys of a strip.</summary>
    private void SumOverQueries(in AttentionArguments m, in QueryTile tile, int start, int count, ushort* rows, ushort* pairs, float* sums, nint stride, bool add)
    {
        for (var row = 0; row < count; row += kernels.Rows)
        {
            var height = Math.Min(kernels.Rows, count - row);
            var (low, end) = tile.Queries(m, start + row, start + row + height - 1);
            var target = sums + row * stride;
            if (low < end)
            {
                low = low / kernels.DepthStep * kernels.DepthStep;
                kernels.Compute(height, m.HeadSize, CeilingDivide(end - low, kernels.DepthStep), rows + row * QueryTile.MaxCount + low, QueryTile.MaxCount, pairs + low * PanelColumns, PairPanel, target, stride, null, add);
            }
            else if (!add)
            {
                Clear(target, stride, height, m.HeadSize);
            }
        }
    }

    /// <summary>rows[query][element] = sums[element][query], each query times its factor.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Finish(in QueryTile tile, int size, float* sums, float* factors, float* transposed, float* rows, nint stride)
    {
        MatMulTiles512.PackLines<NoRounding>(sums, QueryTile.MaxCount, size, tile.Count, transposed, (nint)QueryTile.MaxCount * PanelColumns, PanelColumns);
        for (var i = 0; i < tile.Count; i++)
        {
            var factor = Vector512.Create(factors[i]);
            for (var j = 0; j < size; j += Lanes)
                VectorMath.Store(Vector512.Load(transposed + (j / PanelColumns * QueryTile.MaxCount + i) * PanelColumns + j % PanelColumns) * factor, rows + i * stride + j, size - j);
        }
    }

    private static void Clear(float* rows, nint stride, int count, int width)
    {
        for (var row = 0; row < count; row++)
            new Span<float>(rows + row * stride, width).Clear();
    }
}
