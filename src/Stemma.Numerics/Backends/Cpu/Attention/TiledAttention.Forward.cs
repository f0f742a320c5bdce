using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Stemma.Numerics.Backends.Cpu.Attention;

internal sealed unsafe partial class TiledAttention<TTiles>
{
    /// <inheritdoc/>
    public override void Forward(WorkerPool pool, in AttentionArguments arguments, ReadOnlySpan<int> queryOffsets, ReadOnlySpan<int> keyOffsets)
    {
        fixed (int* queries = queryOffsets, keys = keyOffsets)
        {
            var sequences = new Sequences(queries, keys, queryOffsets.Length - 1);
            var byHead = CutsByHead(pool, sequences.Count, arguments.HeadCount);
            for (var sequence = 0; sequence < sequences.Count; sequence++)
            {
                var count = sequences.QueryCount(sequence);
                sequences.SetItems(sequence, count == 1
                    ? arguments.KvHeadCount * CeilingDivide(arguments.GroupSize, QueryTile.MaxCount)
                    : arguments.HeadCount * (byHead ? Math.Min(count, 1) : CeilingDivide(count, QueryTile.MaxCount)));
            }
            pool.Run(sequences.ItemCount, new ForwardWork(arguments, sequences, byHead));
        }
    }

    /// <summary>An item is a head or a tile of its queries; where there is one query, all heads that share a key head at once.</summary>
    private readonly struct ForwardWork(AttentionArguments arguments, Sequences sequences, bool byHead) : IParallelWork
    {
        public void Execute(int item)
        {
            ref readonly var m = ref arguments;
            var sequence = sequences.Find(ref item);
            var queryCount = sequences.QueryCount(sequence);
            if (queryCount == 1)
            {
                var perHead = CeilingDivide(m.GroupSize, QueryTile.MaxCount);
                var kvHead = item / perHead;
                var head = kvHead * m.GroupSize + item % perHead * QueryTile.MaxCount;
                Forward(m, sequences.Tile(m, sequence, head, 0) with { HeadStep = 1, TokenStep = 0, Count = Math.Min(QueryTile.MaxCount, (kvHead + 1) * m.GroupSize - head) });
            }
            else if (byHead)
            {
                for (var first = 0; first < queryCount; first += QueryTile.MaxCount)
                    Forward(m, sequences.Tile(m, sequence, item, first));
            }
            else
            {
                // The last tile sees the most keys: it goes first.
                var last = CeilingDivide(queryCount, QueryTile.MaxCount) - 1;
                Forward(m, sequences.Tile(m, sequence, item % m.HeadCount, (last - item / m.HeadCount) * QueryTile.MaxCount));
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Forward(in AttentionArguments m, in QueryTile tile)
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
        for (var start = firstKey / KeyTile * KeyTile; start < endKey; start += KeyTile)
        {
            var count = Math.Min(KeyTile, endKey - start);
            Products(m, tile, start, count, m.Key.At(tile.FirstKeyToken + start, tile.KvHead), m.Key.RowStride, queries, scores);
            for (var lane = 0; lane < tile.Count; lane += Lanes)
                Softmax(m, new ScoreColumn(m, tile, start, count, lane), count, scores + lane, maxima + lane, sums + lane, rescale + lane);
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

    /// <summary>Turns a column of scores into probabilities, up to the factor that the last maximum will fix.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Softmax(in AttentionArguments m, in ScoreColumn column, int count, float* scores, float* maxima, float* sums, float* rescale)
    {
        var masked = Vector512.Create(float.NegativeInfinity);
        var before = Vector512.Load(maxima);
        var maximum = before;
        if (column.IsWhole)
        {
            var other = before;
            for (var j = 0; j < count; j += 2)
            {
                maximum = Vector512.MaxNative(maximum, Vector512.Load(scores + j * QueryTile.MaxCount));
                other = Vector512.MaxNative(other, Vector512.Load(scores + (j + 1) * QueryTile.MaxCount));
            }
            maximum = Vector512.MaxNative(maximum, other);
        }
        else
        {
            for (var j = column.Low; j < column.End; j++)
            {
                var x = Vector512.ConditionalSelect(column.Sees(j), Vector512.Load(scores + j * QueryTile.MaxCount), masked);
                x.Store(scores + j * QueryTile.MaxCount);
                maximum = Vector512.MaxNative(maximum, x);
            }
        }
        maximum.Store(maxima);
        // A query that has seen no key yet has the maximum −∞; zero in its place keeps −∞ − −∞ away.
        var shift = Vector512.ConditionalSelect(Vector512.Equals(maximum, masked), Vector512<float>.Zero, maximum);
        var factor = VectorMath.Exp2(before - shift);
        factor.Store(rescale);
        var sum = m.Dropout.Probability > 0f ? Exponentiate<Dropping>(m.Dropout, column, shift, scores) : Exponentiate<Keeping>(m.Dropout, column, shift, scores);
        (Vector512.Load(sums) * factor + sum).Store(sums);
        column.ClearBeside(scores, count);
    }

    /// <summary>Turns scores into probabilities and drops some; their sum is of all.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static Vector512<float> Exponentiate<TDrops>(in AttentionDropout dropout, in ScoreColumn column, Vector512<float> shift, float* scores) where TDrops : struct
    {
        var sum = Vector512<float>.Zero;
        for (var j = column.Low; j < column.End; j += 4)
        {
            var at = scores + j * QueryTile.MaxCount;
            var p0 = VectorMath.Exp2(Vector512.Load(at) - shift);
            var p1 = VectorMath.Exp2(Vector512.Load(at + QueryTile.MaxCount) - shift);
            var p2 = VectorMath.Exp2(Vector512.Load(at + 2 * QueryTile.MaxCount) - shift);
            var p3 = VectorMath.Exp2(Vector512.Load(at + 3 * QueryTile.MaxCount) - shift);
            sum = sum + p0 + p1 + p2 + p3;
            if (typeof(TDrops) == typeof(Dropping))
            {
                column.Kept(dropout, j, out var k0, out var k1, out var k2, out var k3);
                p0 &= k0;
                p1 &= k1;
                p2 &= k2;
                p3 &= k3;
            }
            p0.Store(at);
            p1.Store(at + QueryTile.MaxCount);
            p2.Store(at + 2 * QueryTile.MaxCount);
            p3.Store(at + 3 * QueryTile.MaxCount);
        }
        return sum;
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
            var sees = sums[i] > 0f;
            m.LogSumExp[tile.Statistic(m, i)] = sees || float.IsNaN(sums[i]) ? (maxima[i] + MathF.Log2(sums[i])) * (1f / Log2E) : float.NegativeInfinity;
            factors[i] = sees ? m.Dropout.KeptScale / sums[i] : sums[i];
            if (!any)
                new Span<float>(output + i * outputStride, m.HeadSize).Clear();
        }
        if (any)
            Rescale(output, outputStride, tile.Count, m.HeadSize, factors);
    }

    /// <summary>Probabilities are dropped.</summary>
    private readonly struct Dropping;

    /// <summary>Probabilities are kept.</summary>
    private readonly struct Keeping;
}
