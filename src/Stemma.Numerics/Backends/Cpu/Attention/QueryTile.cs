namespace Stemma.Numerics.Backends.Cpu.Attention;

/// <summary>Queries that are computed together: successive tokens of a head, or the heads of one token that share a key head.</summary>
internal unsafe struct QueryTile
{
    /// <summary>Queries of a tile at most.</summary>
    public const int MaxCount = 64;

    /// <summary>Number of the sequence.</summary>
    public int Sequence;

    /// <summary>Keys of the sequence.</summary>
    public int KeyCount;

    /// <summary>Token of the sequence's first key.</summary>
    public int FirstKeyToken;

    /// <summary>The first keys, which all queries see.</summary>
    public int Prefix;

    /// <summary>The key head that all queries read.</summary>
    public int KvHead;

    /// <summary>Head of the first query.</summary>
    public int Head;

    /// <summary>Heads from a query to the next, 0 or 1.</summary>
    public int HeadStep;

    /// <summary>Token of the first query.</summary>
    public int Token;

    /// <summary>Tokens from a query to the next, 1 or 0.</summary>
    public int TokenStep;

    /// <summary>Position of the first query among the keys.</summary>
    public int Position;

    /// <summary>Queries of this tile and of those after it.</summary>
    public int Left;

    /// <summary>Queries of this tile.</summary>
    public int Count;

    /// <summary>Goes on to the next tile; false after the last.</summary>
    public bool MoveNext()
    {
        Left -= Count;
        Token += Count;
        Position += Count;
        Count = Math.Min(MaxCount, Left);
        return Count > 0;
    }

    /// <summary>The head of a query.</summary>
    public readonly float* Row(in HeadRows rows, int index) => rows.At(Token + index * TokenStep, Head + index * HeadStep);

    /// <summary>Elements from a query to the next.</summary>
    public readonly nint Stride(in HeadRows rows) => TokenStep * rows.RowStride + HeadStep * rows.HeadStride;

    /// <summary>Where the log-sum-exp of a query stands.</summary>
    public readonly nint Statistic(in AttentionArguments m, int index) => (nint)(Token + index * TokenStep) * m.HeadCount + Head + index * HeadStep;

    /// <summary>Where it is noted which keys, from <paramref name="start"/> on, sixteen queries from <paramref name="lane"/> on keep.</summary>
    public readonly ushort* Kept(in AttentionArguments m, int lane, int start) => m.Kept + ((nint)((Token + lane) / 16 + Sequence) * m.HeadCount + Head) * m.KeptKeys + start;

    /// <summary>The keys that some of the queries from <paramref name="first"/> to <paramref name="last"/> see, counted from <paramref name="start"/> on; among <paramref name="count"/>.</summary>
    public readonly (int Low, int End) Keys(in AttentionArguments m, int first, int last, int start, int count)
    {
        var low = Math.Clamp(m.FirstKey(Position + first * TokenStep) - start, 0, count);
        return (low, Math.Clamp(End(m, last) - start, low, count));
    }

    /// <summary>Whether the queries from <paramref name="first"/> to <paramref name="last"/> see all of <paramref name="count"/> keys from <paramref name="start"/> on.</summary>
    public readonly bool SeesAll(in AttentionArguments m, int first, int last, int start, int count) =>
        m.FirstKey(Position + last * TokenStep) <= start && End(m, first) >= start + count;

    /// <summary>The queries that see some of the keys from <paramref name="first"/> to <paramref name="last"/>.</summary>
    public readonly (int Low, int End) Queries(in AttentionArguments m, int first, int last)
    {
        if (TokenStep == 0)
            return (0, Count);
        var low = first < Prefix ? 0 : (int)Math.Clamp((long)first - m.Right - Position, 0, Count);
        return (low, (int)Math.Clamp((long)last + m.Left + 1 - Position, low, Count));
    }

    /// <summary>One more than the last key that a query sees.</summary>
    private readonly int End(in AttentionArguments m, int query) => Math.Max(m.EndKey(Position + query * TokenStep, KeyCount), Prefix);
}
