namespace Stemma.Numerics.Backends.Cpu.Attention;

/// <summary>softmax(scale·q·kᵀ)·v for every head of packed sequences, each query within a window around its position.</summary>
/// <remarks>
/// <para>q and output are [query tokens, heads, head size], k and v [key tokens, key heads, head size]. A row stride leads from a token to the
/// next, a head stride from a head to the next, so that views into one packed qkv buffer work; the head itself is contiguous.</para>
/// <para>Head h reads key head h ÷ (heads ÷ key heads). Query i of a sequence stands at position key count − query count + i.</para>
/// </remarks>
internal readonly unsafe struct AttentionArguments
{
    /// <summary>Query heads, a multiple of <see cref="KvHeadCount"/>.</summary>
    public required int HeadCount { get; init; }

    /// <summary>Key and value heads.</summary>
    public required int KvHeadCount { get; init; }

    /// <summary>Elements of a head.</summary>
    public required int HeadSize { get; init; }

    /// <summary>What scores are multiplied by.</summary>
    public required float Scale { get; init; }

    /// <summary>A query at position p sees keys from p − Left; int.MaxValue: from the first.</summary>
    public int Left { get; init; } = int.MaxValue;

    /// <summary>A query at position p sees keys up to p + Right; 0 is causal, int.MaxValue: up to the last.</summary>
    public int Right { get; init; }

    /// <summary>Queries.</summary>
    public required HeadRows Query { get; init; }

    /// <summary>Keys.</summary>
    public required HeadRows Key { get; init; }

    /// <summary>Values.</summary>
    public required HeadRows Value { get; init; }

    /// <summary>Result: written forward, read backward.</summary>
    public required HeadRows Output { get; init; }

    /// <summary>log Σ exp of the scores, [query tokens, heads], nats: written forward, read backward; −∞ where a query sees no key.</summary>
    public required float* LogSumExp { get; init; }

    /// <summary>Dropout of probabilities.</summary>
    public AttentionDropout Dropout { get; init; }

    /// <summary>Which probabilities are kept, 16-bit words [queries ÷ 16 + sequences, heads, <see cref="KeptKeys"/>]: written forward, read backward; null where both draw them.</summary>
    public ushort* Kept { get; init; }

    /// <summary>Words of a row of <see cref="Kept"/>, a multiple of the tile.</summary>
    public int KeptKeys { get; init; }

    /// <summary>What happens to scores before the softmax.</summary>
    public ScoreTerms Scores { get; init; }

    /// <summary>The first keys of each sequence that all its queries see, or null.</summary>
    public int[]? Prefixes { get; init; }

    /// <summary>Arguments to be filled in by an initialiser; causal without a limit to the left.</summary>
    public AttentionArguments()
    {
    }

    /// <summary>Query heads per key head.</summary>
    public int GroupSize => HeadCount / KvHeadCount;

    /// <summary>The first key that a query at <paramref name="position"/> sees.</summary>
    public int FirstKey(int position) => (int)Math.Max(0, (long)position - Left);

    /// <summary>One more than the last key that a query at <paramref name="position"/> sees.</summary>
    public int EndKey(int position, int keyCount) => (int)Math.Clamp((long)position + Right + 1, 0, keyCount);
}

/// <summary>The gradient of the output and where those of q, k and v are written.</summary>
internal readonly unsafe struct AttentionGradients
{
    /// <summary>Gradient of the output, [query tokens, heads, head size].</summary>
    public required HeadRows Output { get; init; }

    /// <summary>Gradient of the queries.</summary>
    public required HeadRows Query { get; init; }

    /// <summary>Gradient of the keys.</summary>
    public required HeadRows Key { get; init; }

    /// <summary>Gradient of the values.</summary>
    public required HeadRows Value { get; init; }

    /// <summary>Gradient of the bias by distance, [sequences, heads, distances], to be added to; null where not wanted.</summary>
    public float* Bias { get; init; }
}

/// <summary>A [tokens, heads, head size] view: where it starts, and the elements from a token and from a head to the next.</summary>
internal readonly unsafe struct HeadRows(float* start, nint rowStride, nint headStride)
{
    /// <summary>Token 0, head 0.</summary>
    public float* Start { get; } = start;

    /// <summary>Elements from a token to the next.</summary>
    public nint RowStride { get; } = rowStride;

    /// <summary>Elements from a head to the next.</summary>
    public nint HeadStride { get; } = headStride;

    /// <summary>The first element of a head of a token.</summary>
    public float* At(nint token, nint head) => Start + token * RowStride + head * HeadStride;
}
