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
            if (CutsByHead(pool, sequences.Count, arguments.KvHeadCount))
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
                BackwardCut.Queries => CeilingDivide(sequences.QueryCount(sequence), QueryTile.MaxCount),
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
                    Execute(sequence, kvHead, 0, keyCount, tile * QueryTile.MaxCount, Math.Min(queryCount, (tile + 1) * QueryTile.MaxCount));
                    break;
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private void Execute(int sequence, int kvHead, int keyFrom, int keyTo, int queryFrom, int queryTo)
        {
            ref readonly var m = ref arguments;
            ref readonly var d = ref gradients;
            var size = m.HeadSize;
            var tiles = CeilingDivide(keyTo - keyFrom, KeyTile);
            var memory = Scratch.Take(ScratchSlot.Attention, 2 * KeyTile * QueryTile.MaxCount + 2 * QueryTile.MaxCount + 5 * TileLength(size) + tiles);
            var state = new BackwardTile
            {
                WantsKeys = cut != BackwardCut.Queries,
                WantsQueries = cut != BackwardCut.Keys,
                Probabilities = memory,
                Gradients = memory + KeyTile * QueryTile.MaxCount,
                Shifts = memory + 2 * KeyTile * QueryTile.MaxCount,
                Deltas = memory + (2 * KeyTile + 1) * QueryTile.MaxCount,
                Queries = memory + 2 * (KeyTile + 1) * QueryTile.MaxCount,
                Outputs = memory + 2 * (KeyTile + 1) * QueryTile.MaxCount + TileLength(size),
                PaddedQueries = memory + 2 * (KeyTile + 1) * QueryTile.MaxCount + 2 * TileLength(size),
                PaddedOutputs = memory + 2 * (KeyTile + 1) * QueryTile.MaxCount + 3 * TileLength(size),
                PaddedKeys = memory + 2 * (KeyTile + 1) * QueryTile.MaxCount + 4 * TileLength(size),
            };
            // Which tiles of keys have gradients to add to.
            var touched = new Span<int>(state.PaddedKeys + TileLength(size), tiles);
            touched.Clear();
            for (var head = kvHead * m.GroupSize; head < (kvHead + 1) * m.GroupSize; head++)
            {
                for (var first = queryFrom; first < queryTo; first += QueryTile.MaxCount)
                {
                    var tile = sequences.Tile(m, sequence, head, first);
                    var (low, end) = tile.Keys(m, 0, tile.Count - 1, keyFrom, keyTo - keyFrom);
                    if (low < end)
                        Prepare(m, d, tile, state);
                    else if (state.WantsQueries)
                        Clear(d.Query, tile.Token, tile.Count, head, size);
                    var add = false;
                    for (var key = low / KeyTile; key * KeyTile < end; key++)
                    {
                        var start = keyFrom + key * KeyTile;
                        Differentiate(m, d, tile, state, start, Math.Min(KeyTile, keyTo - start), add, touched[key] != 0);
                        touched[key] = 1;
                        add = true;
                    }
                }
            }
            for (var key = 0; state.WantsKeys && key < tiles; key++)
            {
                if (touched[key] != 0)
                    continue;
                var start = keyFrom + key * KeyTile;
                Clear(d.Key, sequences.FirstKey(sequence) + start, Math.Min(KeyTile, keyTo - start), kvHead, size);
                Clear(d.Value, sequences.FirstKey(sequence) + start, Math.Min(KeyTile, keyTo - start), kvHead, size);
            }
        }
    }

    /// <summary>Working memory of the gradient at a tile of queries.</summary>
    private struct BackwardTile
    {
        public bool WantsKeys;
        public bool WantsQueries;
        public float* Probabilities;
        public float* Gradients;
        public float* Shifts;
        public float* Deltas;
        public float* Queries;
        public float* Outputs;
        public float* PaddedQueries;
        public float* PaddedOutputs;
        public float* PaddedKeys;
    }

    /// <summary>What a tile of queries needs against every tile of keys.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Prepare(in AttentionArguments m, in AttentionGradients d, in QueryTile tile, in BackwardTile state)
    {
        Transpose(tile, m.Query, m.HeadSize, m.Scale * Log2E, state.Queries);
        Transpose(tile, d.Output, m.HeadSize, 1f, state.Outputs);
        for (var i = 0; i < tile.Count; i++)
        {
            var logSumExp = m.LogSumExp[tile.Statistic(m, i)];
            // A query that sees no key has a log-sum-exp of −∞ and no probability anywhere.
            state.Shifts[i] = float.IsNegativeInfinity(logSumExp) ? float.PositiveInfinity : logSumExp * Log2E;
            state.Deltas[i] = Dot(tile.Row(m.Output, i), tile.Row(d.Output, i), m.HeadSize) * m.Scale;
        }
    }

    /// <summary>Adds what a tile of queries and a tile of keys give to the gradients of each other.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Differentiate(in AttentionArguments m, in AttentionGradients d, in QueryTile tile, in BackwardTile state, int start, int count, bool addQueries, bool addKeys)
    {
        var size = m.HeadSize;
        var token = tile.FirstKeyToken + start;
        var keys = m.Key.At(token, tile.KvHead);
        Products(m, tile, start, count, keys, m.Key.RowStride, state.Queries, state.Probabilities);
        Products(m, tile, start, count, m.Value.At(token, tile.KvHead), m.Value.RowStride, state.Outputs, state.Gradients);
        for (var lane = 0; lane < tile.Count; lane += Lanes)
        {
            var column = new ScoreColumn(m, tile, start, count, lane);
            if (m.Dropout.Probability > 0f)
                Differentiate<Dropping>(m, column, count, state.Probabilities + lane, state.Gradients + lane, Vector512.Load(state.Shifts + lane), Vector512.Load(state.Deltas + lane));
            else
                Differentiate<Keeping>(m, column, count, state.Probabilities + lane, state.Gradients + lane, Vector512.Load(state.Shifts + lane), Vector512.Load(state.Deltas + lane));
        }
        if (state.WantsKeys)
        {
            nint outputStride = d.Output.RowStride, queryStride = m.Query.RowStride;
            var outputs = Lines(tile.Row(d.Output, 0), ref outputStride, tile.Count, size, state.PaddedOutputs);
            var queries = Lines(tile.Row(m.Query, 0), ref queryStride, tile.Count, size, state.PaddedQueries);
            for (var row = 0; row < count; row += TTiles.Rows)
            {
                var rows = Math.Min(TTiles.Rows, count - row);
                var (low, end) = tile.Queries(m, start + row, start + row + rows - 1);
                var at = row * QueryTile.MaxCount + low;
                Sum(rows, size, end - low, state.Probabilities + at, QueryTile.MaxCount, 1, outputs + low * outputStride, outputStride, d.Value.At(token + row, tile.KvHead), d.Value.RowStride, addKeys);
                Sum(rows, size, end - low, state.Gradients + at, QueryTile.MaxCount, 1, queries + low * queryStride, queryStride, d.Key.At(token + row, tile.KvHead), d.Key.RowStride, addKeys);
            }
        }
        if (state.WantsQueries)
        {
            var keyStride = m.Key.RowStride;
            keys = Lines(keys, ref keyStride, count, size, state.PaddedKeys);
            for (var row = 0; row < tile.Count; row += TTiles.Rows)
            {
                var rows = Math.Min(TTiles.Rows, tile.Count - row);
                var (low, end) = tile.Keys(m, row, row + rows - 1, start, count);
                Sum(rows, size, end - low, state.Gradients + low * QueryTile.MaxCount + row, 1, QueryTile.MaxCount, keys + low * keyStride, keyStride, tile.Row(d.Query, row), d.Query.RowStride, addQueries);
            }
        }
    }

    /// <summary>Turns a column of scores into (dropped) probabilities, and the gradients of those into gradients of scores.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Differentiate<TDrops>(in AttentionArguments m, in ScoreColumn column, int count, float* scores, float* gradients, Vector512<float> shift, Vector512<float> delta)
        where TDrops : struct
    {
        var keptScale = Vector512.Create(m.Dropout.KeptScale);
        var scale = Vector512.Create(m.Dropout.KeptScale * m.Scale);
        for (var j = column.Low; j < column.End; j += 4)
        {
            Vector512<float> k0 = Vector512<float>.AllBitsSet, k1 = k0, k2 = k0, k3 = k0;
            if (typeof(TDrops) == typeof(Dropping))
                column.Kept(m.Dropout, j, out k0, out k1, out k2, out k3);
            One<TDrops>(column, j, scores, gradients, shift, delta, keptScale, scale, k0);
            One<TDrops>(column, j + 1, scores, gradients, shift, delta, keptScale, scale, k1);
            One<TDrops>(column, j + 2, scores, gradients, shift, delta, keptScale, scale, k2);
            One<TDrops>(column, j + 3, scores, gradients, shift, delta, keptScale, scale, k3);
        }
        column.ClearBeside(scores, count);
        column.ClearBeside(gradients, count);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void One<TDrops>(in ScoreColumn column, int key, float* scores, float* gradients,
        Vector512<float> shift, Vector512<float> delta, Vector512<float> keptScale, Vector512<float> scale, Vector512<float> kept)
        where TDrops : struct
    {
        scores += key * QueryTile.MaxCount;
        gradients += key * QueryTile.MaxCount;
        var p = VectorMath.Exp2(Vector512.Load(scores) - shift);
        var dp = Vector512.Load(gradients);
        var q = p;
        if (typeof(TDrops) == typeof(Dropping))
        {
            q = p * keptScale & kept;
            dp &= kept;
        }
        var ds = p * (dp * scale - delta);
        if (!column.IsWhole)
        {
            var sees = column.Sees(key);
            q = Vector512.ConditionalSelect(sees, q, Vector512<float>.Zero);
            ds = Vector512.ConditionalSelect(sees, ds, Vector512<float>.Zero);
        }
        q.Store(scores);
        ds.Store(gradients);
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
