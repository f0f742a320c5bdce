using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Stemma.Numerics.Backends.Cpu.Attention;

internal sealed unsafe partial class TiledAttention<TTiles>
{
    private readonly struct ForwardWork(AttentionArguments arguments, Sequences sequences) : IParallelWork
    {
        public void Execute(int item)
        {
            ref readonly var m = ref arguments;
            var sequence = sequences.Find(ref item);
            var queryCount = sequences.QueryCount(sequence);
            var tile = new QueryTileState { Sequence = sequence, KeyCount = sequences.KeyCount(sequence), FirstKeyToken = sequences.FirstKey(sequence) };
            if (queryCount == 1)
            {
                var perHead = CeilingDivide(m.GroupSize, QueryTile);
                tile.KvHead = item / perHead;
                tile.Head = tile.KvHead * m.GroupSize + item % perHead * QueryTile;
                tile.Count = Math.Min(QueryTile, (tile.KvHead + 1) * m.GroupSize - tile.Head);
                tile.HeadStep = 1;
                tile.Token = sequences.FirstQuery(sequence);
                tile.Position = tile.KeyCount - 1;
            }
            else
            {
                // The last tile sees the most keys: it goes first.
                var perHead = CeilingDivide(queryCount, QueryTile);
                var first = (perHead - 1 - item / m.HeadCount) * QueryTile;
                tile.Head = item % m.HeadCount;
                tile.KvHead = tile.Head / m.GroupSize;
                tile.Count = Math.Min(QueryTile, queryCount - first);
                tile.TokenStep = 1;
                tile.Token = sequences.FirstQuery(sequence) + first;
                tile.Position = tile.KeyCount - queryCount + first;
            }
            Forward(m, tile);
        }
    }

    /// <summary>Queries that are computed together: successive tokens of a head, or the heads of one token that share a key head.</summary>
    private struct QueryTileState
    {
        public int Sequence;
        public int KeyCount;
        public int FirstKeyToken;
        public int KvHead;
        public int Head;
        public int HeadStep;
        public int Token;
        public int TokenStep;
        public int Position;
        public int Count;

        /// <summary>Keys of a tile up to the last that a query, or the last query if there are fewer, sees.</summary>
        public readonly int Visible(in AttentionArguments m, int index, int start, int count) =>
            Math.Clamp(m.EndKey(Position + Math.Min(index, Count - 1) * TokenStep, KeyCount) - start, 0, count);

        public readonly float* Row(in HeadRows rows, int index) => rows.At(Token + index * TokenStep, Head + index * HeadStep);

        public readonly nint Stride(in HeadRows rows) => TokenStep * rows.RowStride + HeadStep * rows.HeadStride;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Forward(in AttentionArguments m, in QueryTileState tile)
    {
        var size = m.HeadSize;
        var width = RoundUp(tile.Count, 16);
        var memory = Scratch.Take(ScratchSlot.Attention, KeyTile * QueryTile + 4 * QueryTile + PackedLength(QueryTile, size) + PackedLength(KeyTile, size) + PackedLength(KeyTile, size));
        var scores = memory;
        var maxima = scores + KeyTile * QueryTile;
        var sums = maxima + QueryTile;
        var rescale = sums + QueryTile;
        var factors = rescale + QueryTile;    // one vector of four keys' dropout factors
        var queryPanels = factors + QueryTile;
        var keyPanels = queryPanels + PackedLength(QueryTile, size);
        var valuePanels = keyPanels + PackedLength(KeyTile, size);

        new Span<float>(maxima, QueryTile).Fill(float.NegativeInfinity);
        new Span<float>(sums, QueryTile).Clear();
        var queries = PackColumns(tile.Row(m.Query, 0), tile.Stride(m.Query), tile.Count, size, queryPanels);
        var output = tile.Row(m.Output, 0);
        var outputStride = tile.Stride(m.Output);
        var firstKey = m.FirstKey(tile.Position);
        var endKey = m.EndKey(tile.Position + (tile.Count - 1) * tile.TokenStep, tile.KeyCount);
        var add = false;
        for (var start = firstKey / KeyTile * KeyTile; start < endKey; start += KeyTile)
        {
            var count = Math.Min(KeyTile, endKey - start);
            var key = m.Key.At(tile.FirstKeyToken + start, tile.KvHead);
            var keys = PackRows(key, m.Key.RowStride, count, size, keyPanels);
            for (var column = 0; column < tile.Count; column += TTiles.Columns)
            {
                var panel = new Panels(queries.Start + column / TTiles.Columns * queries.PanelStride, queries.Step, queries.PanelStride);
                var visible = tile.Visible(m, column + TTiles.Columns - 1, start, count);
                for (var row = 0; row < visible; row += TTiles.Rows)
                    Strip(row, visible, RoundUp(Math.Min(TTiles.Columns, tile.Count - column), TTiles.Columns / 2), 0, size, keys, panel, scores + column, QueryTile, add: false);
            }
            for (var lane = 0; lane < width; lane += 16)
                Softmax(m, tile, start, count, lane, scores + lane, maxima + lane, sums + lane, rescale + lane, factors);
            if (add)
                Rescale(output, outputStride, tile.Count, size, rescale);
            var values = Lines(m.Value.At(tile.FirstKeyToken + start, tile.KvHead), m.Value.RowStride, count, size, valuePanels);
            var probabilities = new Panels(scores, QueryTile, TTiles.Rows);
            for (var row = 0; row < tile.Count; row += TTiles.Rows)
                Strip(row, tile.Count, size, 0, Math.Max(1, tile.Visible(m, row + TTiles.Rows - 1, start, count)), probabilities, values, output, outputStride, add);
            add = true;
        }
        Finish(m, tile, output, outputStride, maxima, sums, rescale, add);
    }

    /// <summary>Turns a column of sixteen queries' scores into probabilities, up to the factor that the last maximum will fix.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Softmax(in AttentionArguments m, in QueryTileState tile, int start, int count, int lane, float* scores, float* maxima, float* sums, float* rescale, float* factors)
    {
        var scale = Vector512.Create(m.Scale);
        var masked = Vector512.Create(float.NegativeInfinity);
        var lastLane = Math.Min(lane + 15, tile.Count - 1);
        int firstPosition = tile.Position + lane * tile.TokenStep, lastPosition = tile.Position + lastLane * tile.TokenStep;
        // Keys that some of these queries see, and among them those that all see.
        var low = Math.Clamp(m.FirstKey(firstPosition) - start, 0, count);
        var high = Math.Clamp(m.EndKey(lastPosition, tile.KeyCount) - start, low, count);
        var whole = m.FirstKey(lastPosition) <= start && m.EndKey(firstPosition, tile.KeyCount) >= start + count;
        var positions = Vector512.Create(firstPosition) + Vector512.Create(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15) * tile.TokenStep;
        var left = m.Left > tile.KeyCount ? Vector512<int>.Zero : positions - Vector512.Create(m.Left);
        var right = m.Right > tile.KeyCount ? Vector512.Create(int.MaxValue) : positions + Vector512.Create(m.Right);

        var before = Vector512.Load(maxima);
        var maximum = before;
        for (var j = low; j < high; j++)
        {
            var x = Vector512.Load(scores + j * QueryTile) * scale;
            if (!whole)
            {
                var key = Vector512.Create(start + j);
                x = Vector512.ConditionalSelect((Vector512.GreaterThanOrEqual(key, left) & Vector512.LessThanOrEqual(key, right)).AsSingle(), x, masked);
            }
            x.Store(scores + j * QueryTile);
            maximum = Vector512.MaxNative(maximum, x);
        }
        maximum.Store(maxima);
        // A query that has seen no key yet has the maximum −∞; zero in its place keeps −∞ − −∞ away.
        var shift = Vector512.ConditionalSelect(Vector512.Equals(maximum, masked), Vector512<float>.Zero, maximum);
        var factor = VectorMath.Exp(before - shift);
        factor.Store(rescale);
        var sum = Vector512<float>.Zero;
        for (var j = 0; j < low; j++)
            Vector512<float>.Zero.Store(scores + j * QueryTile);
        for (var j = low; j < high; j++)
        {
            var p = VectorMath.Exp(Vector512.Load(scores + j * QueryTile) - shift);
            sum += p;
            p.Store(scores + j * QueryTile);
        }
        for (var j = high; j < count; j++)
            Vector512<float>.Zero.Store(scores + j * QueryTile);
        (Vector512.Load(sums) * factor + sum).Store(sums);
        if (m.Dropout.Probability > 0f)
            Drop(m, tile, start, low, high, lane, scores, factors);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Drop(in AttentionArguments m, in QueryTileState tile, int start, int low, int high, int lane, float* scores, float* factors)
    {
        var positions = stackalloc ulong[16];
        for (var i = 0; i < 16; i++)
        {
            var index = lane + i;
            positions[i] = (AttentionDropout.Position(tile.Sequence, tile.Head + index * tile.HeadStep, tile.Position + index * tile.TokenStep) + (ulong)start) >> 2;
        }
        for (var j = low / 4 * 4; j < high; j += 4)
        {
            var step = Vector512.Create((ulong)j >> 2);
            m.Dropout.AcrossQueries(Vector512.Load(positions) + step, Vector512.Load(positions + 8) + step, factors, 16);
            for (var i = 0; i < Math.Min(4, high - j); i++)
                (Vector512.Load(scores + (j + i) * QueryTile) * Vector512.Load(factors + i * 16)).Store(scores + (j + i) * QueryTile);
        }
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

    private static void Finish(in AttentionArguments m, in QueryTileState tile, float* output, nint outputStride, float* maxima, float* sums, float* factors, bool any)
    {
        for (var i = 0; i < tile.Count; i++)
        {
            var sees = sums[i] > 0f;
            m.LogSumExp[(nint)(tile.Token + i * tile.TokenStep) * m.HeadCount + tile.Head + i * tile.HeadStep] = sees || float.IsNaN(sums[i]) ? maxima[i] + MathF.Log(sums[i]) : float.NegativeInfinity;
            factors[i] = sees ? 1f / sums[i] : sums[i];
            if (!any)
                new Span<float>(output + i * outputStride, m.HeadSize).Clear();
        }
        if (any)
            Rescale(output, outputStride, tile.Count, m.HeadSize, factors);
    }
}
