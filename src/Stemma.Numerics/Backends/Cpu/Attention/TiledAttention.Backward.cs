using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Stemma.Numerics.Backends.Cpu.Attention;

internal sealed unsafe partial class TiledAttention<TTiles>
{
    /// <inheritdoc/>
    public override void Backward(WorkerPool pool, in AttentionArguments arguments, in AttentionGradients gradients, ReadOnlySpan<int> queryOffsets, ReadOnlySpan<int> keyOffsets)
    {
        fixed (int* queries = queryOffsets, keys = keyOffsets)
        {
            var sequences = new Sequences(queries, keys, queryOffsets.Length - 1);
            if (pool.ThreadCount == 1 || sequences.Count * arguments.KvHeadCount >= 3 * pool.ThreadCount)
            {
                Run(pool, arguments, gradients, sequences, BackwardCut.Whole);
                return;
            }
            // Too few for the threads: scores are computed twice, so that tiles of keys and tiles of queries can be items. The sums run in the same order.
            Run(pool, arguments, gradients, sequences, BackwardCut.Keys);
            Run(pool, arguments, gradients, sequences, BackwardCut.Queries);
        }
    }

    private static void Run(WorkerPool pool, in AttentionArguments arguments, in AttentionGradients gradients, in Sequences sequences, BackwardCut cut)
    {
        for (var sequence = 0; sequence < sequences.Count; sequence++)
        {
            sequences.SetItems(sequence, arguments.KvHeadCount * cut switch
            {
                BackwardCut.Keys => CeilingDivide(sequences.KeyCount(sequence), KeyTile),
                BackwardCut.Queries => CeilingDivide(sequences.QueryCount(sequence), QueryTile),
                _ => 1,
            });
        }
        pool.Run(sequences.ItemCount, new BackwardWork(arguments, gradients, sequences, cut));
    }

    /// <summary>What an item of the backward pass is.</summary>
    private enum BackwardCut
    {
        /// <summary>A key head of a sequence: all three gradients.</summary>
        Whole,

        /// <summary>A tile of keys: the gradients of k and v.</summary>
        Keys,

        /// <summary>A tile of queries of all heads that share a key head: the gradient of q.</summary>
        Queries,
    }

    /// <summary>One key head of one sequence or a tile of it, with all query heads that read it: every sum runs over tiles in ascending order.</summary>
    private readonly struct BackwardWork(AttentionArguments arguments, AttentionGradients gradients, Sequences sequences, BackwardCut cut) : IParallelWork
    {
        public void Execute(int item)
        {
            var sequence = sequences.Find(ref item);
            var kvHead = item % arguments.KvHeadCount;
            var tile = item / arguments.KvHeadCount;
            int queryCount = sequences.QueryCount(sequence), keyCount = sequences.KeyCount(sequence);
            switch (cut)
            {
                case BackwardCut.Whole:
                    Execute(sequence, kvHead, 0, keyCount, 0, queryCount);
                    break;
                case BackwardCut.Keys:
                    Execute(sequence, kvHead, tile * KeyTile, Math.Min(keyCount, (tile + 1) * KeyTile), 0, queryCount);
                    break;
                case BackwardCut.Queries:
                    Execute(sequence, kvHead, 0, keyCount, tile * QueryTile, Math.Min(queryCount, (tile + 1) * QueryTile));
                    break;
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private void Execute(int sequence, int kvHead, int keyFrom, int keyTo, int queryFrom, int queryTo)
        {
            ref readonly var m = ref arguments;
            ref readonly var d = ref gradients;
            int firstQuery = sequences.FirstQuery(sequence), queryCount = sequences.QueryCount(sequence);
            int firstKey = sequences.FirstKey(sequence), keyCount = sequences.KeyCount(sequence);
            bool wantsKeys = cut != BackwardCut.Queries, wantsQueries = cut != BackwardCut.Keys;
            var size = m.HeadSize;
            var group = m.GroupSize;
            var packedKeys = PackedLength(KeyTile, size);
            var packedQueries = PackedLength(QueryTile, size);
            var packedScores = PackedLength(QueryTile, KeyTile);
            var memory = Scratch.Take(ScratchSlot.Attention, 2 * QueryTile * KeyTile + KeyTile + 3 * packedKeys + 4 * packedQueries + packedScores + (nint)queryCount * group);
            var scores = memory;
            var scoreGradients = scores + QueryTile * KeyTile;
            var factors = scoreGradients + QueryTile * KeyTile;
            var keyPanels = factors + KeyTile;
            var valuePanels = keyPanels + packedKeys;
            var keyLines = valuePanels + packedKeys;
            var queryPanels = keyLines + packedKeys;
            var outputPanels = queryPanels + packedQueries;
            var queryLines = outputPanels + packedQueries;
            var outputLines = queryLines + packedQueries;
            var gradientPanels = outputLines + packedQueries;
            var deltas = gradientPanels + packedScores;

            if (wantsKeys)
            {
                Clear(d.Key, firstKey + keyFrom, keyTo - keyFrom, kvHead, size);
                Clear(d.Value, firstKey + keyFrom, keyTo - keyFrom, kvHead, size);
            }
            for (var h = 0; h < group; h++)
            {
                if (wantsQueries)
                    Clear(d.Query, firstQuery + queryFrom, queryTo - queryFrom, kvHead * group + h, size);
                for (var i = queryFrom; i < queryTo; i++)
                    deltas[h * queryCount + i] = Dot(m.Output.At(firstQuery + i, kvHead * group + h), d.Output.At(firstQuery + i, kvHead * group + h), size);
            }
            for (var keyStart = keyFrom; keyStart < keyTo; keyStart += KeyTile)
            {
                var count = Math.Min(KeyTile, keyCount - keyStart);
                var key = m.Key.At(firstKey + keyStart, kvHead);
                var keyColumns = PackColumns(key, m.Key.RowStride, count, size, keyPanels);
                var valueColumns = PackColumns(m.Value.At(firstKey + keyStart, kvHead), m.Value.RowStride, count, size, valuePanels);
                var keys = Lines(key, m.Key.RowStride, count, size, keyLines);
                for (var head = kvHead * group; head < (kvHead + 1) * group; head++)
                {
                    for (var start = queryFrom; start < queryTo; start += QueryTile)
                    {
                        var rows = Math.Min(QueryTile, queryCount - start);
                        var position = keyCount - queryCount + start;
                        if (m.EndKey(position + rows - 1, keyCount) <= keyStart || m.FirstKey(position) >= keyStart + count)
                            continue;
                        var query = m.Query.At(firstQuery + start, head);
                        var output = d.Output.At(firstQuery + start, head);
                        var queryRows = PackRows(query, m.Query.RowStride, rows, size, queryPanels);
                        var outputRows = PackRows(output, d.Output.RowStride, rows, size, outputPanels);
                        for (var row = 0; row < rows; row += TTiles.Rows)
                        {
                            var columns = RoundUp(Visible(m, position + Math.Min(row + TTiles.Rows, rows) - 1, keyStart, count, keyCount), TTiles.Columns / 2);
                            Strip(row, rows, columns, 0, size, queryRows, keyColumns, scores, KeyTile, add: false);
                            Strip(row, rows, columns, 0, size, outputRows, valueColumns, scoreGradients, KeyTile, add: false);
                        }
                        for (var row = 0; row < rows; row++)
                        {
                            var dropout = AttentionDropout.Position(sequence, head, position + row) + (ulong)keyStart;
                            Differentiate(m, scores + row * KeyTile, scoreGradients + row * KeyTile, factors, position + row, keyStart, count, keyCount, dropout,
                                m.LogSumExp[(nint)(firstQuery + start + row) * m.HeadCount + head], deltas[(head - kvHead * group) * queryCount + start + row]);
                        }
                        var outputs = Lines(output, d.Output.RowStride, rows, size, outputLines);
                        var queries = Lines(query, m.Query.RowStride, rows, size, queryLines);
                        for (var row = 0; wantsKeys && row < count; row += TTiles.Rows)
                        {
                            // Queries before the first that sees this key have no part in it.
                            var first = (int)Math.Clamp((long)keyStart + row - m.Right - position, 0, rows - 1);
                            Strip(row, count, size, first, rows, new Panels(scores, KeyTile, TTiles.Rows), outputs, d.Value.At(firstKey + keyStart, kvHead), d.Value.RowStride, add: true);
                            Strip(row, count, size, first, rows, new Panels(scoreGradients, KeyTile, TTiles.Rows), queries, d.Key.At(firstKey + keyStart, kvHead), d.Key.RowStride, add: true);
                        }
                        if (!wantsQueries)
                            continue;
                        var gradientRows = PackRows(scoreGradients, KeyTile, rows, count, gradientPanels);
                        for (var row = 0; row < rows; row += TTiles.Rows)
                        {
                            var visible = Visible(m, position + Math.Min(row + TTiles.Rows, rows) - 1, keyStart, count, keyCount);
                            Strip(row, rows, size, 0, Math.Max(1, visible), gradientRows, keys, d.Query.At(firstQuery + start, head), d.Query.RowStride, add: true);
                        }
                    }
                }
            }
        }
    }

    /// <summary>Keys of a tile up to the last that a query sees.</summary>
    private static int Visible(in AttentionArguments m, int position, int start, int count, int keyCount) => Math.Clamp(m.EndKey(position, keyCount) - start, 0, count);

    /// <summary>For one query, turns scores into (dropped) probabilities and the gradients of those into gradients of scores.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Differentiate(in AttentionArguments m, float* scores, float* gradients, float* factors, int position, int keyStart, int count, int keyCount, ulong dropout, float logSumExp, float delta)
    {
        var low = m.FirstKey(position) - keyStart;
        var high = Math.Min(count, m.EndKey(position, keyCount) - keyStart);
        var drops = m.Dropout.Probability > 0f;
        if (drops)
            m.Dropout.AlongKeys(dropout, RoundUp(Math.Max(high, 0), 32), factors);
        var scale = Vector512.Create(m.Scale);
        // A query that sees no key has a log-sum-exp of −∞ and no probability anywhere.
        var shift = Vector512.Create(float.IsNegativeInfinity(logSumExp) ? float.PositiveInfinity : logSumExp);
        var deltas = Vector512.Create(delta);
        for (var i = 0; i < count; i += 16)
        {
            if (i + 16 <= low || i >= high)
            {
                Vector512<float>.Zero.Store(scores + i);
                Vector512<float>.Zero.Store(gradients + i);
                continue;
            }
            var p = VectorMath.Exp(Vector512.Load(scores + i) * scale - shift);
            var dp = Vector512.Load(gradients + i);
            var kept = p;
            if (drops)
            {
                var factor = Vector512.Load(factors + i);
                kept *= factor;
                dp *= factor;
            }
            var ds = p * (dp - deltas) * scale;
            if (i < low || i + 16 > high)
            {
                var index = Vector512.Create(i) + Vector512.Create(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
                var visible = (Vector512.GreaterThanOrEqual(index, Vector512.Create(low)) & Vector512.LessThan(index, Vector512.Create(high))).AsSingle();
                kept = Vector512.ConditionalSelect(visible, kept, Vector512<float>.Zero);
                ds = Vector512.ConditionalSelect(visible, ds, Vector512<float>.Zero);
            }
            kept.Store(scores + i);
            ds.Store(gradients + i);
        }
    }

    private static void Clear(in HeadRows rows, int first, int count, int head, int size)
    {
        for (var i = 0; i < count; i++)
            new Span<float>(rows.At(first + i, head), size).Clear();
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float Dot(float* x, float* y, int size)
    {
        var sum = Vector512<float>.Zero;
        for (var i = 0; i < size; i += 16)
            sum += VectorMath.Load(x + i, size - i) * VectorMath.Load(y + i, size - i);
        return VectorMath.Sum(sum);
    }
}
