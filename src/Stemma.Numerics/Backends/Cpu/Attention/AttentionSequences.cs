namespace Stemma.Numerics.Backends.Cpu.Attention;

/// <summary>Where sequences and their items begin and end.</summary>
internal readonly unsafe struct AttentionSequences
{
    private readonly int* _queryOffsets;
    private readonly int* _keyOffsets;
    private readonly int* _itemOffsets;

    /// <summary>Sequences by the offsets of their queries and keys.</summary>
    public AttentionSequences(int* queryOffsets, int* keyOffsets, int count)
    {
        _queryOffsets = queryOffsets;
        _keyOffsets = keyOffsets;
        Count = count;
        _itemOffsets = (int*)Scratch.Take(ScratchSlot.Partials, count + 1);
        _itemOffsets[0] = 0;
    }

    /// <summary>Sequences.</summary>
    public int Count { get; }

    /// <summary>Items of all sequences.</summary>
    public int ItemCount => _itemOffsets[Count];

    /// <summary>The token of a sequence's first key.</summary>
    public int FirstKey(int sequence) => _keyOffsets[sequence];

    /// <summary>Queries of a sequence.</summary>
    public int QueryCount(int sequence) => _queryOffsets[sequence + 1] - _queryOffsets[sequence];

    /// <summary>Keys of a sequence.</summary>
    public int KeyCount(int sequence) => _keyOffsets[sequence + 1] - _keyOffsets[sequence];

    /// <summary>The first tile of a head's queries from <paramref name="first"/> to before <paramref name="end"/>.</summary>
    public QueryTile Tiles(in AttentionArguments m, int sequence, int head, int first, int end) => new()
    {
        Sequence = sequence,
        KeyCount = KeyCount(sequence),
        FirstKeyToken = FirstKey(sequence),
        Prefix = m.Prefixes?[sequence] ?? 0,
        KvHead = head / m.GroupSize,
        Head = head,
        TokenStep = 1,
        Token = _queryOffsets[sequence] + first,
        Position = KeyCount(sequence) - QueryCount(sequence) + first,
        Left = end - first,
        Count = Math.Min(QueryTile.MaxCount, end - first),
    };

    /// <summary>Says how many items a sequence has; to be called for each in order.</summary>
    public void SetItems(int sequence, int items) => _itemOffsets[sequence + 1] = _itemOffsets[sequence] + items;

    /// <summary>The sequence that an item belongs to; <paramref name="item"/> becomes its number there.</summary>
    public int Find(ref int item)
    {
        int low = 0, high = Count;
        while (high - low > 1)
        {
            var middle = (low + high) / 2;
            (low, high) = _itemOffsets[middle] <= item ? (middle, high) : (low, middle);
        }
        item -= _itemOffsets[low];
        return low;
    }
}
