namespace Stemma.Numerics.Ops;

/// <summary>
/// Which blocks of keys a block of queries sees: an ascending list for each, never a matrix, so that attention takes the time of the blocks
/// listed. Child et al. 2019, arXiv:1904.10509, section 5.3.
/// </summary>
public sealed class BlockLayout
{
    private readonly int[] _offsets, _keys;

    /// <summary>A layout of given lists.</summary>
    /// <param name="blockSize">Positions of a block.</param>
    /// <param name="keyBlocks">For each block of queries the blocks of keys, in any order; repetitions count once.</param>
    /// <exception cref="ArgumentException">A block that is not positive in size, or a negative number of one.</exception>
    public BlockLayout(int blockSize, IReadOnlyList<IEnumerable<int>> keyBlocks)
    {
        ArgumentNullException.ThrowIfNull(keyBlocks);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(blockSize);
        BlockSize = blockSize;
        _offsets = new int[keyBlocks.Count + 1];
        var keys = new List<int>();
        for (var i = 0; i < keyBlocks.Count; i++)
        {
            keys.AddRange(new SortedSet<int>(keyBlocks[i]));
            if (keys.Count > _offsets[i] && keys[_offsets[i]] < 0) throw new ArgumentException($"Block {i} of queries is given block {keys[_offsets[i]]} of keys; the first is 0.", nameof(keyBlocks));
            _offsets[i + 1] = keys.Count;
        }
        _keys = [.. keys];
    }

    /// <summary>Positions of a block.</summary>
    public int BlockSize { get; }

    /// <summary>Blocks of queries.</summary>
    public int BlockCount => _offsets.Length - 1;

    /// <summary>All pairs of blocks that are seen.</summary>
    public int PairCount => _keys.Length;

    /// <summary>The blocks of keys that the query at a position sees, ascending; none outside the layout.</summary>
    public ReadOnlySpan<int> KeyBlocks(int query) =>
        query >= 0 && query / BlockSize < BlockCount ? _keys.AsSpan(_offsets[query / BlockSize].._offsets[query / BlockSize + 1]) : [];

    /// <summary>Whether the query at one position sees the key at another.</summary>
    public bool Sees(int query, int key) => KeyBlocks(query).BinarySearch(key / BlockSize) >= 0;

    /// <summary>The first key from <paramref name="key"/> on that some query from <paramref name="first"/> to <paramref name="last"/> sees; <see cref="int.MaxValue"/> where there is none.</summary>
    internal int NextKey(int first, int last, int key)
    {
        var next = int.MaxValue;
        for (var query = Math.Max(0, first); query <= last; query = (query / BlockSize + 1) * BlockSize)
        {
            var blocks = KeyBlocks(query);
            var at = blocks.BinarySearch(key / BlockSize);
            if (at < 0) at = ~at;
            if (at < blocks.Length) next = Math.Min(next, Math.Max(key, blocks[at] * BlockSize));
        }
        return next;
    }
}
