using System.Runtime.Intrinsics.X86;

namespace Stemma.Numerics.Backends.Cpu.Attention;

/// <summary>
/// The rows that come after a tile of queries: those of the next tile of its head or, after the last, of the first tile of the next head. A
/// head's rows lie further apart than a processor looks ahead, so they are asked for, a few at a time, while the tile is computed.
/// </summary>
/// <remarks>Rows need not exist: whatever is asked for is only fetched.</remarks>
internal unsafe struct RowsAhead
{
    private readonly int _token;
    private readonly int _head;
    private readonly int _keyToken;
    private readonly int _keyHead;
    private readonly int _step;
    private int _row;

    /// <summary>What comes after a tile.</summary>
    /// <param name="m">Operands.</param>
    /// <param name="tile">The tile that is computed now.</param>
    /// <param name="firstToken">The token of the first query of its head.</param>
    /// <param name="key">The first key that has not been read yet.</param>
    /// <param name="calls">How many times rows will be asked for.</param>
    public RowsAhead(in AttentionArguments m, in QueryTile tile, int firstToken, int key, int calls)
    {
        var (inHead, inSequence) = (tile.Left > tile.Count, tile.Head + 1 < m.HeadCount);
        (_token, _head) = (inHead || !inSequence ? tile.Token + tile.Count : firstToken, inHead ? tile.Head : inSequence ? tile.Head + 1 : 0);
        (_keyToken, _keyHead) = (tile.FirstKeyToken + (inHead ? key : inSequence ? 0 : tile.KeyCount), _head / m.GroupSize);
        _step = (QueryTile.MaxCount + calls - 1) / calls;
        // Keys that have been read already, of this head or because the next one shares them.
        if (inHead ? key >= tile.KeyCount : inSequence && _keyHead == tile.KvHead)
            _keyHead = -1;
    }

    /// <summary>Goes on to the rows to be asked for next.</summary>
    public void MoveNext() => _row += _step;

    /// <summary>Asks for rows of queries, or of what belongs to them.</summary>
    public readonly void Queries(in HeadRows rows, int size) => Ask(rows.At(_token + _row, _head), rows.RowStride, size);

    /// <summary>Asks for rows of keys or values.</summary>
    public readonly void Keys(in HeadRows rows, int size)
    {
        if (_keyHead >= 0)
            Ask(rows.At(_keyToken + _row, _keyHead), rows.RowStride, size);
    }

    private readonly void Ask(float* row, nint stride, int size)
    {
        for (var i = Math.Min(_step, QueryTile.MaxCount - _row); i > 0; i--, row += stride)
            for (var j = 0; j < size; j += 16)
                Sse.Prefetch1(row + j);
    }
}
