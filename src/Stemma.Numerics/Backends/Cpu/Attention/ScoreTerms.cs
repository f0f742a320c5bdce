using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Stemma.Numerics.Ops;

namespace Stemma.Numerics.Backends.Cpu.Attention;

/// <summary>What a description does to a tile of scores, [key][query] in units of log₂ e, and to their gradients: eight queries of a key at a time.</summary>
/// <remarks>
/// Successive queries of a head stand at successive distances from a key, so their biases are successive numbers of the head's row of the table,
/// and so are the sums of their gradients.
/// </remarks>
internal readonly unsafe struct ScoreTerms
{
    private const int Lanes = 8;

    private const float Log2E = 1.44269504f;

    /// <summary>Bounds the scores; 0 for none.</summary>
    public float SoftCap { get; init; }

    /// <summary>[heads, <see cref="DistanceCount"/>], or null.</summary>
    public float* Bias { get; init; }

    /// <summary>Columns of the bias.</summary>
    public int DistanceCount { get; init; }

    /// <summary>The distance, query position − key position, of its first column.</summary>
    public int FirstDistance { get; init; }

    /// <summary>[heads], or null.</summary>
    public float* Sinks { get; init; }

    /// <summary>Which blocks of keys the queries of each sequence see, or null.</summary>
    public BlockLayout[]? Blocks { get; init; }

    /// <summary>Whether scores are other than products.</summary>
    public bool ChangeScores => SoftCap > 0f || Bias != null || Blocks != null;

    /// <summary>Whether there is anything at all.</summary>
    public bool IsEmpty => !ChangeScores && Sinks == null;

    /// <summary>The first tile of keys, from the one with <paramref name="key"/> on, that some query of a tile sees; <see cref="int.MaxValue"/> where there is none.</summary>
    public int NextTile(in QueryTile tile, int key, int size)
    {
        if (Blocks is not null) key = Blocks[tile.Sequence].NextKey(tile.Position, tile.Position + (tile.Count - 1) * tile.TokenStep, key);
        return key == int.MaxValue ? key : key / size * size;
    }

    /// <summary>Caps scores, adds biases and hides blocks.</summary>
    /// <param name="m">The window.</param>
    /// <param name="tile">The queries.</param>
    /// <param name="start">The first key.</param>
    /// <param name="count">Keys.</param>
    /// <param name="scores">[key][query]: scaled products; written over.</param>
    /// <param name="slopes">Gets the derivative of each capped score; null where not wanted.</param>
    public void Apply(in AttentionArguments m, in QueryTile tile, int start, int count, float* scores, float* slopes)
    {
        if (SoftCap > 0f || Bias != null)
            Bend(m, tile, start, count, scores, slopes);
        if (Blocks is not null)
            Hide(tile, start, count, scores);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Bend(in AttentionArguments m, in QueryTile tile, int start, int count, float* scores, float* slopes)
    {
        var (toCap, fromCap) = (Vector256.Create(1f / (SoftCap * Log2E)), Vector256.Create(SoftCap * Log2E));
        for (var lane = 0; lane < tile.Count; lane += Lanes)
        {
            var (low, end) = tile.Keys(m, lane, Math.Min(lane + Lanes, tile.Count) - 1, start, count);
            for (var key = low; key < end; key++)
            {
                var at = (nint)key * QueryTile.MaxCount + lane;
                var score = Vector256.Load(scores + at);
                if (SoftCap > 0f)
                {
                    var bent = VectorMath256.Tanh(score * toCap);
                    score = bent * fromCap;
                    if (slopes != null)
                        (Vector256<float>.One - bent * bent).Store(slopes + at);
                }
                if (Bias != null)
                    score += Biases(tile, lane, start + key) * Log2E;
                score.Store(scores + at);
            }
        }
    }

    /// <summary>Adds the gradients of scores to those of biases, and turns them into those of products.</summary>
    /// <param name="m">The window and the scale.</param>
    /// <param name="tile">The queries, all of one head.</param>
    /// <param name="start">The first key.</param>
    /// <param name="count">Keys.</param>
    /// <param name="gradients">[key][query]: gradients of scores, times the scale; written over.</param>
    /// <param name="slopes">What <see cref="Apply"/> left.</param>
    /// <param name="biases">The head's row of the gradient of biases; null where not wanted.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Differentiate(in AttentionArguments m, in QueryTile tile, int start, int count, float* gradients, float* slopes, float* biases)
    {
        if (SoftCap <= 0f && biases == null)
            return;
        var unscale = 1f / m.Scale;
        for (var lane = 0; lane < tile.Count; lane += Lanes)
        {
            var (low, end) = tile.Keys(m, lane, Math.Min(lane + Lanes, tile.Count) - 1, start, count);
            for (var key = low; key < end; key++)
            {
                var at = (nint)key * QueryTile.MaxCount + lane;
                var gradient = Vector256.Load(gradients + at);
                if (biases != null)
                    Add(gradient * unscale, tile.Position + lane - start - key - FirstDistance, biases);
                if (SoftCap > 0f)
                    (gradient * Vector256.Load(slopes + at)).Store(gradients + at);
            }
        }
    }

    /// <summary>Scores of keys in blocks that a query does not see become −∞.</summary>
    private void Hide(in QueryTile tile, int start, int count, float* scores)
    {
        var layout = Blocks![tile.Sequence];
        var size = layout.BlockSize;
        for (var query = 0; query < tile.Count;)
        {
            // Queries of one block see the same keys; positions before the first key are in no block.
            var position = tile.Position + query * tile.TokenStep;
            var queries = tile.TokenStep == 0 ? tile.Count : Math.Min(tile.Count - query, position < 0 ? -position : size - position % size);
            var blocks = layout.KeyBlocks(position);
            for (var key = start; key < start + count;)
            {
                var end = Math.Min(start + count, (key / size + 1) * size);
                if (blocks.BinarySearch(key / size) >= 0)
                    key = end;
                for (; key < end; key++)
                    new Span<float>(scores + (nint)(key - start) * QueryTile.MaxCount + query, queries).Fill(float.NegativeInfinity);
            }
            query += queries;
        }
    }

    /// <summary>The biases of eight queries for a key.</summary>
    private Vector256<float> Biases(in QueryTile tile, int lane, int key)
    {
        var column = tile.Position + lane * tile.TokenStep - key - FirstDistance;
        if (tile.TokenStep == 1 && column >= 0 && column + Lanes <= DistanceCount)
            return Vector256.Load(Bias + (nint)tile.Head * DistanceCount + column);
        var values = stackalloc float[Lanes];
        for (var i = 0; i < Lanes; i++)
        {
            // Lanes beyond the tile have no head of their own.
            var head = tile.Head + Math.Min(lane + i, tile.Count - 1) * tile.HeadStep;
            values[i] = Bias[(nint)head * DistanceCount + Math.Clamp(column + i * tile.TokenStep, 0, DistanceCount - 1)];
        }
        return Vector256.Load(values);
    }

    private void Add(Vector256<float> gradient, int column, float* biases)
    {
        if (column >= 0 && column + Lanes <= DistanceCount)
        {
            (Vector256.Load(biases + column) + gradient).Store(biases + column);
            return;
        }
        for (var i = 0; i < Lanes; i++) biases[Math.Clamp(column + i, 0, DistanceCount - 1)] += gradient[i];
    }
}
