using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Stemma.Numerics.Backends.Cpu.Attention;

internal sealed unsafe partial class TiledAttention<TTiles>
{
    /// <inheritdoc/>
    protected override void Forward(in AttentionArguments m, QueryTile tile)
    {
        do
            One(m, tile);
        while (tile.MoveNext());
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void One(in AttentionArguments m, in QueryTile tile)
    {
        var size = m.HeadSize;
        var scores = Scratch.Take(ScratchSlot.Attention, (KeyTile + 3) * QueryTile.MaxCount + 2 * TileLength(size));
        var maxima = scores + KeyTile * QueryTile.MaxCount;
        var sums = maxima + QueryTile.MaxCount;
        var rescale = sums + QueryTile.MaxCount;
        var queries = rescale + QueryTile.MaxCount;
        var paddedValues = queries + TileLength(size);

        new Span<float>(maxima, QueryTile.MaxCount).Fill(float.NegativeInfinity);
        new Span<float>(sums, QueryTile.MaxCount).Clear();
        Transpose(tile, m.Query, size, m.Scale * Log2E, queries);
        var output = tile.Row(m.Output, 0);
        var outputStride = tile.Stride(m.Output);
        var (firstKey, endKey) = tile.Keys(m, 0, tile.Count - 1, 0, tile.KeyCount);
        var add = false;
        for (var start = m.Scores.NextTile(tile, firstKey, KeyTile); start < endKey; start = m.Scores.NextTile(tile, start + KeyTile, KeyTile))
        {
            var count = Math.Min(KeyTile, endKey - start);
            Products(m, tile, start, count, m.Key.At(tile.FirstKeyToken + start, tile.KvHead), m.Key.RowStride, queries, scores);
            if (m.Scores.ChangeScores)
                m.Scores.Apply(m, tile, start, count, scores, null);
            for (var lane = 0; lane < tile.Count; lane += Lanes)
                ScoreColumns.Softmax(m.Dropout, new ScoreColumn(m, tile, start, count, lane), count, scores + lane, maxima + lane, sums + lane, rescale + lane, new Float32Scores(scores + lane, null));
            if (add)
                Rescale(output, outputStride, tile.Count, size, rescale);
            var valueStride = m.Value.RowStride;
            var values = Lines(m.Value.At(tile.FirstKeyToken + start, tile.KvHead), ref valueStride, count, size, paddedValues);
            for (var row = 0; row < tile.Count; row += TTiles.Rows)
            {
                var rows = Math.Min(TTiles.Rows, tile.Count - row);
                var (low, end) = tile.Keys(m, row, row + rows - 1, start, count);
                Sum(rows, size, end - low, scores + low * QueryTile.MaxCount + row, 1, QueryTile.MaxCount, values + low * valueStride, valueStride, output + row * outputStride, outputStride, add);
            }
            add = true;
        }
        Finish(m, tile, output, outputStride, maxima, sums, rescale, add);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Rescale(float* rows, nint stride, int count, int size, float* factors)
    {
        for (var row = 0; row < count; row++, rows += stride)
        {
            if (factors[row] == 1f)
                continue;
            var factor = Vector512.Create(factors[row]);
            var i = 0;
            for (; i + 16 <= size; i += 16)
                (Vector512.Load(rows + i) * factor).Store(rows + i);
            for (; i < size; i++)
                rows[i] *= factors[row];
        }
    }

    /// <summary>Divides by the sums, which became no smaller by dropping, and saves the log-sum-exp.</summary>
    private static void Finish(in AttentionArguments m, in QueryTile tile, float* output, nint outputStride, float* maxima, float* sums, float* factors, bool any)
    {
        for (var i = 0; i < tile.Count; i++)
        {
            var kept = m.Scores.Sinks == null ? m.Dropout.KeptScale : m.Dropout.KeptScale * Sink(m.Scores.Sinks[tile.Head + i * tile.HeadStep] * Log2E, ref maxima[i], ref sums[i]);
            var sees = sums[i] > 0f;
            m.LogSumExp[tile.Statistic(m, i)] = sees || float.IsNaN(sums[i]) ? (maxima[i] + MathF.Log2(sums[i])) * (1f / Log2E) : float.NegativeInfinity;
            factors[i] = sees ? kept / sums[i] : sums[i];
            if (!any)
                new Span<float>(output + i * outputStride, m.HeadSize).Clear();
        }
        if (any)
            Rescale(output, outputStride, tile.Count, m.HeadSize, factors);
    }

    /// <summary>Adds a score without a value to a maximum and a sum; returns what the results so far are to be multiplied by.</summary>
    private static float Sink(float score, ref float maximum, ref float sum)
    {
        var before = maximum;
        maximum = MathF.Max(before, score);
        var factor = float.IsNegativeInfinity(before) ? 0f : MathF.Exp((before - maximum) * (1f / Log2E));
        sum = (factor == 0f && !float.IsNaN(sum) ? 0f : sum * factor) + MathF.Exp((score - maximum) * (1f / Log2E));
        return factor;
    }
}
