using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Stemma.Numerics.Backends.Cpu.Attention;

/// <summary>The scores of sixteen queries of a tile against a tile of keys: which of them count, and which are dropped.</summary>
internal readonly unsafe struct ScoreColumn
{
    private readonly Vector512<int> _left;
    private readonly Vector512<int> _right;
    private readonly Vector512<ulong> _blocksLow;
    private readonly Vector512<ulong> _blocksHigh;
    private readonly int _start;
    private readonly ushort* _kept;

    /// <summary>The column of the queries from <paramref name="lane"/> on against <paramref name="count"/> keys from <paramref name="start"/> on; queries beyond the tile see nothing.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public ScoreColumn(in AttentionArguments m, in QueryTile tile, int start, int count, int lane)
    {
        if (lane >= tile.Count)
            return;
        var last = Math.Min(lane + 15, tile.Count - 1);
        var (low, end) = tile.Keys(m, lane, last, start, count);
        // Tiles have room for a multiple of four keys; those beyond the last are masked.
        (Low, End) = (low & ~3, low == end ? low & ~3 : (end + 3) & ~3);
        IsWhole = (count & 3) == 0 && lane + 16 <= tile.Count && tile.SeesAll(m, lane, last, start, count);
        _start = start;
        // Number by number: a few dozen steps, and only where they are needed. As expressions of vectors too wide for the processor they took longer than the scores.
        if (!IsWhole)
        {
            int* left = stackalloc int[16], right = stackalloc int[16];
            for (var i = 0; i < 16; i++)
            {
                var position = tile.Position + (lane + i) * tile.TokenStep;
                left[i] = m.Left > tile.KeyCount ? 0 : position - m.Left;
                right[i] = lane + i >= tile.Count ? -1 : m.Right > tile.KeyCount ? tile.KeyCount - 1 : Math.Min(Math.Max(position + m.Right, tile.Prefix - 1), tile.KeyCount - 1);
            }
            (_left, _right) = (Vector512.Load(left), Vector512.Load(right));
        }
        if (m.Dropout.Probability > 0f)
        {
            var first = AttentionDropout.Position(tile.Sequence, tile.Head + lane * tile.HeadStep, tile.Position + lane * tile.TokenStep) + (ulong)start;
            if (m.Kept != null)
                _kept = tile.Kept(m, lane, start);
            var step = AttentionDropout.Position(0, tile.HeadStep, tile.TokenStep);
            var blocks = stackalloc ulong[16];
            for (var i = 0; i < 16; i++)
                blocks[i] = (first + (ulong)i * step) >> 2;   // positions before the first key are negative: shifted last, they wrap as they should
            (_blocksLow, _blocksHigh) = (Vector512.Load(blocks), Vector512.Load(blocks + 8));
        }
    }

    /// <summary>The first key that some of the queries see, rounded down to a multiple of four.</summary>
    public int Low { get; }

    /// <summary>One more than the last key that some of the queries see, rounded up to a multiple of four.</summary>
    public int End { get; }

    /// <summary>Whether every query sees every key; <see cref="Sees"/> is for columns where not.</summary>
    public bool IsWhole { get; }

    /// <summary>The first eight queries.</summary>
    public HalfColumn Lower => new(this, _left.GetLower(), _right.GetLower(), _blocksLow, _start);

    /// <summary>The last eight queries.</summary>
    public HalfColumn Upper => new(this, _left.GetUpper(), _right.GetUpper(), _blocksHigh, _start);

    /// <summary>All bits of the queries that see a key.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector512<float> Sees(int key)
    {
        var at = Vector512.Create(_start + key);
        return (Vector512.GreaterThanOrEqual(at, _left) & Vector512.LessThanOrEqual(at, _right)).AsSingle();
    }

    /// <summary>Draws which probabilities are kept: a bit to each query, for the keys from <see cref="Low"/> to <see cref="End"/> and a few more of the tile.</summary>
    /// <param name="dropout">What draws.</param>
    /// <param name="room">A word to each key of a tile, for where they are not noted for the gradient.</param>
    /// <returns>A word to each key of the tile.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ushort* Draw(in AttentionDropout dropout, ushort* room)
    {
        var kept = _kept == null ? room : _kept;
        for (var j = Low & ~7; j < End; j += 8)
        {
            var step = Vector512.Create((ulong)j >> 2);
            dropout.Draw(_blocksLow + step, _blocksHigh + step, kept + j);
        }
        return kept;
    }

    /// <summary>The same, not drawn again where they were noted.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ushort* Kept(in AttentionDropout dropout, ushort* room) => _kept == null ? Draw(dropout, room) : _kept;

    /// <summary>Zero in place of what is dropped, where <paramref name="kept"/> has no bit of a query.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Keep(ushort kept, Vector512<float> x)
    {
        var lanes = Vector512.Create(1u, 1 << 1, 1 << 2, 1 << 3, 1 << 4, 1 << 5, 1 << 6, 1 << 7, 1 << 8, 1 << 9, 1 << 10, 1 << 11, 1 << 12, 1 << 13, 1 << 14, 1 << 15);
        return Vector512.ConditionalSelect(Vector512.Equals(Vector512.Create(kept).AsUInt32() & lanes, Vector512<uint>.Zero).AsSingle(), Vector512<float>.Zero, x);
    }
}
