using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Stemma.Numerics.Backends.Cpu.Attention;

internal sealed unsafe partial class TiledAttention<TTiles>
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    protected override void Backward(in AttentionArguments m, in AttentionGradients d, in BackwardPart part)
    {
        int keyFrom = part.KeyFrom, keyTo = part.KeyTo, kvHead = part.KvHead;
        var size = m.HeadSize;
        var tiles = CeilingDivide(keyTo - keyFrom, KeyTile);
        var memory = Scratch.Take(ScratchSlot.Attention, 2 * KeyTile * QueryTile.MaxCount + 2 * QueryTile.MaxCount + 5 * TileLength(size) + tiles + (m.Scores.SoftCap > 0f ? KeyTile * QueryTile.MaxCount : 0));
        var state = new BackwardTile
        {
            WantsKeys = part.WantsKeys,
            WantsQueries = part.WantsQueries,
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
        state.Slopes = state.PaddedKeys + TileLength(size) + tiles;
        for (var head = kvHead * m.GroupSize; head < (kvHead + 1) * m.GroupSize; head++)
        {
            var tile = part.Sequences.Tiles(m, part.Sequence, head, part.QueryFrom, part.QueryTo);
            if (tile.Count == 0)
                continue;
            do
            {
                var (low, end) = tile.Keys(m, 0, tile.Count - 1, keyFrom, keyTo - keyFrom);
                var start = m.Scores.NextTile(tile, keyFrom + low, KeyTile);
                if (low == end || start >= keyFrom + end)
                {
                    if (state.WantsQueries)
                        Clear(d.Query, tile.Token, tile.Count, head, size);
                    continue;
                }
                Prepare(m, d, tile, state);
                var add = false;
                for (; start < keyFrom + end; start = m.Scores.NextTile(tile, start + KeyTile, KeyTile))
                {
                    var key = (start - keyFrom) / KeyTile;
                    Differentiate(m, d, tile, state, start, Math.Min(KeyTile, keyTo - start), add, touched[key] != 0);
                    touched[key] = 1;
                    add = true;
                }
            }
            while (tile.MoveNext());
        }
        for (var key = 0; state.WantsKeys && key < tiles; key++)
        {
            if (touched[key] != 0)
                continue;
            var start = keyFrom + key * KeyTile;
            Clear(d.Key, part.Sequences.FirstKey(part.Sequence) + start, Math.Min(KeyTile, keyTo - start), kvHead, size);
            Clear(d.Value, part.Sequences.FirstKey(part.Sequence) + start, Math.Min(KeyTile, keyTo - start), kvHead, size);
        }
    }

    /// <summary>Working memory of the gradient at a tile of queries.</summary>
    private struct BackwardTile
    {
        public bool WantsKeys;
        public bool WantsQueries;
        public float* Probabilities;
        public float* Gradients;
        public float* Slopes;
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
        Statistics(m, d, tile, state.Shifts, state.Deltas);
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
        if (m.Scores.ChangeScores)
            m.Scores.Apply(m, tile, start, count, state.Probabilities, state.Slopes);
        for (var lane = 0; lane < tile.Count; lane += Lanes)
        {
            ScoreColumns.Differentiate(m, new ScoreColumn(m, tile, start, count, lane), state.Probabilities + lane, state.Gradients + lane,
                Vector512.Load(state.Shifts + lane), Vector512.Load(state.Deltas + lane), new Float32Scores(state.Probabilities + lane, state.Gradients + lane));
        }
        if (m.Scores.ChangeScores)
            m.Scores.Differentiate(m, tile, start, count, state.Gradients, state.Slopes, d.Bias == null ? null : d.Bias + ((nint)tile.Sequence * m.HeadCount + tile.Head) * m.Scores.DistanceCount);
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
}
