using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Stemma.Numerics.Backends.Cpu.Attention;

internal sealed unsafe partial class BFloat16Attention
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    protected override void Backward(in AttentionArguments m, in AttentionGradients d, in BackwardPart part)
    {
        var size = m.HeadSize;
        var tiles = CeilingDivide(part.KeyTo - part.KeyFrom, KeyTile);
        int rowTile = KeyTile * Depth(size), columnTile = Padded(size) * KeyTile, panels = 2 * PanelColumns * Depth(size), pairs = Padded(size) * KeyTile, sums = Padded(size) * QueryTile.MaxCount;
        var memory = new Carver(ScratchSlot.Attention,
            (2 * KeyTile + 3) * QueryTile.MaxCount + 2 * sums + tiles + (2 * KeyTile * QueryTile.MaxCount + 2 * PairPanel + 2 * panels + 2 * pairs + tiles * (2 * rowTile + columnTile)) / 2);
        var state = new BackwardTile
        {
            Scores = memory.Floats(KeyTile * QueryTile.MaxCount),
            Products = memory.Floats(KeyTile * QueryTile.MaxCount),
            Shifts = memory.Floats(QueryTile.MaxCount),
            Deltas = memory.Floats(QueryTile.MaxCount),
            Ones = memory.Floats(QueryTile.MaxCount),
            Sums = memory.Floats(sums),
            Rows = memory.Floats(sums),
            Weights = memory.Halves(KeyTile * QueryTile.MaxCount),
            Gradients = memory.Halves(KeyTile * QueryTile.MaxCount),
            GradientPairs = memory.Halves(2 * PairPanel),
            QueryPanels = memory.Halves(panels),
            OutputPanels = memory.Halves(panels),
            QueryPairs = memory.Halves(pairs),
            OutputPairs = memory.Halves(pairs),
        };
        new Span<float>(state.Ones, QueryTile.MaxCount).Fill(1f);
        var keyRows = memory.Halves(tiles * rowTile);
        var valueRows = memory.Halves(tiles * rowTile);
        var keyColumns = memory.Halves(tiles * columnTile);
        // Which tiles of keys have gradients to add to.
        var touched = new Span<int>(memory.Floats(tiles), tiles);
        touched.Clear();
        var firstToken = part.Sequences.FirstKey(part.Sequence) + part.KeyFrom;
        var packed = 0;
        for (var head = part.KvHead * m.GroupSize; head < (part.KvHead + 1) * m.GroupSize; head++)
        {
            var tile = part.Sequences.Tiles(m, part.Sequence, head, part.QueryFrom, part.QueryTo);
            if (tile.Count == 0)
                continue;
            var firstQuery = tile.Token;
            do
            {
                var (low, end) = tile.Keys(m, 0, tile.Count - 1, part.KeyFrom, part.KeyTo - part.KeyFrom);
                if (low == end)
                {
                    if (part.WantsQueries)
                        Clear(d.Query, tile.Token, tile.Count, head, size);
                    continue;
                }
                Prepare(m, d, tile, state, part.WantsKeys);
                var ahead = new RowsAhead(m, tile, firstQuery, part.KeyFrom + Math.Max(RoundUp(end, KeyTile), packed * KeyTile), CeilingDivide(tile.Count, Lanes) * (CeilingDivide(end, KeyTile) - low / KeyTile));
                var add = false;
                for (var key = low / KeyTile; key * KeyTile < end; key++)
                {
                    var start = part.KeyFrom + key * KeyTile;
                    var count = Math.Min(KeyTile, part.KeyTo - start);
                    var token = firstToken + key * KeyTile;
                    for (; packed <= key; packed++)
                    {
                        var lines = Math.Min(KeyTile, part.KeyTo - part.KeyFrom - packed * KeyTile);
                        var source = m.Key.At(firstToken + packed * KeyTile, part.KvHead);
                        PackRows(source, m.Key.RowStride, lines, size, keyRows + packed * rowTile);
                        PackRows(m.Value.At(firstToken + packed * KeyTile, part.KvHead), m.Value.RowStride, lines, size, valueRows + packed * rowTile);
                        if (part.WantsQueries)
                            PackColumns(source, m.Key.RowStride, lines, size, keyColumns + packed * columnTile);
                    }
                    Differentiate(m, d, tile, state, ref ahead, start, count, keyRows + key * rowTile, valueRows + key * rowTile);
                    if (part.WantsKeys)
                    {
                        SumOverQueries(m, tile, start, count, state.Weights, state.OutputPairs, d.Value.At(token, part.KvHead), d.Value.RowStride, touched[key] != 0);
                        SumOverQueries(m, tile, start, count, state.Gradients, state.QueryPairs, d.Key.At(token, part.KvHead), d.Key.RowStride, touched[key] != 0);
                    }
                    if (part.WantsQueries)
                        SumOverKeys(m, tile, start, count, keyColumns + key * columnTile, state.GradientPairs, state.Sums, add);
                    touched[key] = 1;
                    add = true;
                }
                if (part.WantsQueries)
                    Finish(tile, size, state.Sums, state.Ones, state.Rows, tile.Row(d.Query, 0), d.Query.RowStride);
            }
            while (tile.MoveNext());
        }
        for (var key = 0; part.WantsKeys && key < tiles; key++)
        {
            if (touched[key] != 0)
                continue;
            var lines = Math.Min(KeyTile, part.KeyTo - part.KeyFrom - key * KeyTile);
            Clear(d.Key, firstToken + key * KeyTile, lines, part.KvHead, size);
            Clear(d.Value, firstToken + key * KeyTile, lines, part.KvHead, size);
        }
    }

    /// <summary>Working memory of the gradient at a tile of queries.</summary>
    private struct BackwardTile
    {
        public float* Scores;
        public float* Products;
        public float* Shifts;
        public float* Deltas;
        public float* Ones;
        public float* Sums;
        public float* Rows;
        public ushort* Weights;
        public ushort* Gradients;
        public ushort* GradientPairs;
        public ushort* QueryPanels;
        public ushort* OutputPanels;
        public ushort* QueryPairs;
        public ushort* OutputPairs;
    }

    /// <summary>What a tile of queries needs against every tile of keys.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Prepare(in AttentionArguments m, in AttentionGradients d, in QueryTile tile, in BackwardTile state, bool wantsKeys)
    {
        PackQueries(m, tile, state.Rows, state.QueryPanels);
        PackPanels(tile.Row(d.Output, 0), d.Output.RowStride, tile.Count, m.HeadSize, state.OutputPanels);
        if (wantsKeys)
        {
            PackPairs(tile.Row(m.Query, 0), m.Query.RowStride, tile.Count, m.HeadSize, state.QueryPairs);
            PackPairs(tile.Row(d.Output, 0), d.Output.RowStride, tile.Count, m.HeadSize, state.OutputPairs);
        }
        Statistics(m, d, tile, state.Shifts, state.Deltas);
    }

    /// <summary>Probabilities and the gradients of scores between a tile of queries and a tile of keys.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Differentiate(in AttentionArguments m, in AttentionGradients d, in QueryTile tile, in BackwardTile state, ref RowsAhead ahead, int start, int count, ushort* keys, ushort* values)
    {
        AskForKept(m, tile, start);
        Products(m, tile, start, count, keys, state.QueryPanels, state.Scores);
        Products(m, tile, start, count, values, state.OutputPanels, state.Products);
        // Queries that fill up the last step of a product over them have no part in it.
        for (var lane = 0; lane < RoundUp(tile.Count, PanelColumns); lane += Lanes, ahead.MoveNext())
        {
            ahead.Queries(m.Query, m.HeadSize);
            ahead.Queries(m.Output, m.HeadSize);
            ahead.Queries(d.Output, m.HeadSize);
            ahead.Queries(d.Query, m.HeadSize);
            ahead.Keys(m.Key, m.HeadSize);
            ahead.Keys(m.Value, m.HeadSize);
            ahead.Keys(d.Key, m.HeadSize);
            ahead.Keys(d.Value, m.HeadSize);
            var pairs = (uint*)state.GradientPairs + lane / PanelColumns * (PairPanel / 2) + lane % PanelColumns;
            ScoreColumns.Differentiate(m, new ScoreColumn(m, tile, start, count, lane), state.Scores + lane, state.Products + lane,
                Vector512.Load(state.Shifts + lane), Vector512.Load(state.Deltas + lane), new BFloat16Scores(state.Weights + lane, null, state.Gradients + lane, pairs));
        }
    }
}
