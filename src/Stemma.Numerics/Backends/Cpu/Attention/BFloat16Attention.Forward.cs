using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Stemma.Numerics.Backends.Cpu.Attention;

internal sealed unsafe partial class BFloat16Attention
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    protected override void Forward(in AttentionArguments m, QueryTile tile)
    {
        var size = m.HeadSize;
        var firstTile = tile.Keys(m, 0, 0, 0, tile.KeyCount).Low / KeyTile;
        var keyTiles = CeilingDivide(tile.Keys(m, 0, tile.Left - 1, 0, tile.KeyCount).End, KeyTile) - firstTile;
        int rowTile = KeyTile * Depth(size), columnTile = Padded(size) * KeyTile;
        var memory = new Carver(ScratchSlot.Attention,
            (KeyTile + 3) * QueryTile.MaxCount + 2 * Padded(size) * QueryTile.MaxCount + (2 * PairPanel + 2 * PanelColumns * Depth(size) + Math.Max(0, keyTiles) * (rowTile + columnTile)) / 2);
        var scores = memory.Floats(KeyTile * QueryTile.MaxCount);
        var maxima = memory.Floats(QueryTile.MaxCount);
        var sums = memory.Floats(QueryTile.MaxCount);
        var factors = memory.Floats(QueryTile.MaxCount);
        var outputs = memory.Floats(Padded(size) * QueryTile.MaxCount);
        var rows = memory.Floats(Padded(size) * QueryTile.MaxCount);
        var weights = memory.Halves(2 * PairPanel);
        var queries = memory.Halves(2 * PanelColumns * Depth(size));
        var keys = memory.Halves(Math.Max(0, keyTiles) * rowTile);
        var values = memory.Halves(Math.Max(0, keyTiles) * columnTile);
        var packed = 0;
        var firstToken = tile.Token;
        do
        {
            new Span<float>(maxima, QueryTile.MaxCount).Fill(float.NegativeInfinity);
            new Span<float>(sums, QueryTile.MaxCount).Clear();
            PackQueries(m, tile, rows, queries);
            var (low, end) = tile.Keys(m, 0, tile.Count - 1, 0, tile.KeyCount);
            var ahead = new RowsAhead(m, tile, firstToken, Math.Max(RoundUp(end, KeyTile), (firstTile + packed) * KeyTile), CeilingDivide(tile.Count, Lanes) * Math.Max(1, CeilingDivide(end, KeyTile) - low / KeyTile));
            var add = false;
            for (var key = low / KeyTile; low < end && key * KeyTile < end; key++)
            {
                var start = key * KeyTile;
                var count = Math.Min(KeyTile, tile.KeyCount - start);
                for (; packed <= key - firstTile; packed++)
                {
                    var first = (firstTile + packed) * KeyTile;
                    var lines = Math.Min(KeyTile, tile.KeyCount - first);
                    PackRows(m.Key.At(tile.FirstKeyToken + first, tile.KvHead), m.Key.RowStride, lines, size, keys + packed * rowTile);
                    PackColumns(m.Value.At(tile.FirstKeyToken + first, tile.KvHead), m.Value.RowStride, lines, size, values + packed * columnTile);
                }
                count = Math.Min(count, end - start);
                AskForKept(m, tile, start);
                Products(m, tile, start, count, keys + (key - firstTile) * rowTile, queries, scores);
                for (var lane = 0; lane < tile.Count; lane += Lanes, ahead.MoveNext())
                {
                    ahead.Queries(m.Query, size);
                    ahead.Queries(m.Output, size);
                    ahead.Keys(m.Key, size);
                    ahead.Keys(m.Value, size);
                    var pairs = (uint*)weights + lane / PanelColumns * (PairPanel / 2) + lane % PanelColumns;
                    ScoreColumns.Softmax(m.Dropout, new ScoreColumn(m, tile, start, count, lane), count, scores + lane, maxima + lane, sums + lane, factors + lane, new BFloat16Scores(null, pairs, null, null));
                    if (add)
                        Rescale(outputs + lane, size, Vector512.Load(factors + lane));
                }
                SumOverKeys(m, tile, start, count, values + (key - firstTile) * columnTile, weights, outputs, add);
                add = true;
            }
            for (var i = 0; i < tile.Count; i++)
            {
                var sees = sums[i] > 0f;
                m.LogSumExp[tile.Statistic(m, i)] = sees || float.IsNaN(sums[i]) ? (maxima[i] + MathF.Log2(sums[i])) * (1f / Log2E) : float.NegativeInfinity;
                factors[i] = sees ? m.Dropout.KeptScale / sums[i] : sums[i];
            }
            if (!add)
                Clear(outputs, QueryTile.MaxCount, size, QueryTile.MaxCount);
            Finish(tile, size, outputs, factors, rows, tile.Row(m.Output, 0), tile.Stride(m.Output));
        }
        while (tile.MoveNext());
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Rescale(float* outputs, int size, Vector512<float> factors)
    {
        if (factors == Vector512<float>.One)
            return;
        for (var row = 0; row < size; row++, outputs += QueryTile.MaxCount)
            (Vector512.Load(outputs) * factors).Store(outputs);
    }

    /// <summary>A thread's working memory, handed out piece by piece.</summary>
    private ref struct Carver(ScratchSlot slot, nint floats)
    {
        private float* _next = Scratch.Take(slot, floats);

        public float* Floats(nint count)
        {
            var piece = _next;
            _next += count;
            return piece;
        }

        public ushort* Halves(nint count) => (ushort*)Floats(count / 2);
    }
}
