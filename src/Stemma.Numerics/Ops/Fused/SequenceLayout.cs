namespace Stemma.Numerics.Ops;

/// <summary>
/// Where the sequences of a packed tensor begin and end. Rows of different sequences never see each other. Query i of a
/// sequence stands at position (keys − queries + i) of its keys: a sequence whose keys are cached sends its new rows only.
/// </summary>
public sealed class SequenceLayout
{
    private readonly int[] _queryOffsets, _keyOffsets;
    private int[]? _positions;
    private int[]? _prefixes;

    /// <summary>A layout of given boundaries.</summary>
    /// <param name="queryOffsets">Sequences + 1 numbers: 0, the end of the first sequence's queries, …</param>
    /// <param name="keyOffsets">The same for keys.</param>
    /// <exception cref="ArgumentException">Offsets that fall, do not start at 0, or differ in number.</exception>
    public SequenceLayout(ReadOnlySpan<int> queryOffsets, ReadOnlySpan<int> keyOffsets)
    {
        if (queryOffsets.Length < 1 || queryOffsets.Length != keyOffsets.Length || queryOffsets[0] != 0 || keyOffsets[0] != 0)
            throw new ArgumentException("A layout needs as many query as key offsets, both starting at 0.");
        for (var i = 1; i < queryOffsets.Length; i++)
        {
            if (queryOffsets[i] < queryOffsets[i - 1] || keyOffsets[i] < keyOffsets[i - 1]) throw new ArgumentException("Offsets of sequences must not fall.");
            LongestQuery = Math.Max(LongestQuery, queryOffsets[i] - queryOffsets[i - 1]);
            LongestKey = Math.Max(LongestKey, keyOffsets[i] - keyOffsets[i - 1]);
        }
        (_queryOffsets, _keyOffsets) = (queryOffsets.ToArray(), keyOffsets.ToArray());
    }

    /// <summary>The number of sequences.</summary>
    public int Count => _queryOffsets.Length - 1;

    /// <summary>The number of rows.</summary>
    public int QueryCount => _queryOffsets[^1];

    /// <summary>The number of keys.</summary>
    public int KeyCount => _keyOffsets[^1];

    /// <summary>The most rows of one sequence.</summary>
    public int LongestQuery { get; }

    /// <summary>The most keys of one sequence.</summary>
    public int LongestKey { get; }

    /// <summary>Where each sequence's rows begin, and the end of the last.</summary>
    public ReadOnlySpan<int> QueryOffsets => _queryOffsets;

    /// <summary>Where each sequence's keys begin, and the end of the last.</summary>
    public ReadOnlySpan<int> KeyOffsets => _keyOffsets;

    /// <summary>
    /// The first keys of a sequence that all of its queries see, whatever the window hides to their right: a prefix language model reads its
    /// prefix in both directions (Raffel et al. 2019, arXiv:1910.10683, section 3.2.1). 0 unless <see cref="WithPrefixes"/> says more.
    /// </summary>
    public int PrefixLength(int sequence) => _prefixes?[sequence] ?? 0;

    /// <summary>The same sequences, the first positions of each being seen by all of it.</summary>
    /// <param name="lengths">One for each sequence, at most its keys.</param>
    /// <exception cref="ArgumentException">Another number of lengths, or one that is negative or longer than its sequence.</exception>
    public SequenceLayout WithPrefixes(params ReadOnlySpan<int> lengths)
    {
        if (lengths.Length != Count) throw new ArgumentException($"There are {lengths.Length} lengths of prefixes for {Count} sequences; give one for each.", nameof(lengths));
        for (var i = 0; i < Count; i++)
            if (lengths[i] < 0 || lengths[i] > _keyOffsets[i + 1] - _keyOffsets[i]) throw new ArgumentException($"The prefix of sequence {i} is {lengths[i]} long; the sequence has {_keyOffsets[i + 1] - _keyOffsets[i]} positions.", nameof(lengths));
        return new(_queryOffsets, _keyOffsets) { _prefixes = lengths.ToArray() };
    }

    /// <summary>The prefixes' lengths, or null where no sequence has one.</summary>
    internal int[]? Prefixes => _prefixes;

    /// <summary>Whether the query at one position of a sequence sees the key at another.</summary>
    internal bool Sees(AttentionWindow window, int sequence, int query, int key) =>
        window.Sees(query, key) || (key < PrefixLength(sequence) && (window with { Right = int.MaxValue }).Sees(query, key));

    /// <summary>Sequences of equal length, one after the other.</summary>
    public static SequenceLayout Batch(int count, int length)
    {
        var offsets = new int[count + 1];
        for (var i = 0; i <= count; i++) offsets[i] = checked(i * length);
        return new(offsets, offsets);
    }

    /// <summary>Sequences of given lengths, one after the other.</summary>
    public static SequenceLayout Packed(params ReadOnlySpan<int> lengths)
    {
        var offsets = new int[lengths.Length + 1];
        for (var i = 0; i < lengths.Length; i++) offsets[i + 1] = checked(offsets[i] + lengths[i]);
        return new(offsets, offsets);
    }

    /// <summary>One sequence whose last <paramref name="queries"/> rows attend to all <paramref name="keys"/> keys.</summary>
    public static SequenceLayout Continued(int queries, int keys) => new([0, queries], [0, keys]);

    /// <summary>The position of each row in its sequence, counted from its first key.</summary>
    public ReadOnlySpan<int> Positions => _positions ??= RowPositions();

    private int[] RowPositions()
    {
        var positions = new int[QueryCount];
        for (var s = 0; s < Count; s++)
        {
            var first = _keyOffsets[s + 1] - _keyOffsets[s] - (_queryOffsets[s + 1] - _queryOffsets[s]);
            for (var i = _queryOffsets[s]; i < _queryOffsets[s + 1]; i++) positions[i] = first + i - _queryOffsets[s];
        }
        return positions;
    }
}
