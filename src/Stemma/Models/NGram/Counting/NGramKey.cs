using System.Runtime.CompilerServices;

namespace Stemma.Models.NGram;

/// <summary>
/// An n-gram as one number of 128 bits, its last word in the most significant place: ascending numbers are n-grams in suffix order,
/// and the last words of an n-gram are the number shifted right.
/// </summary>
internal readonly record struct NGramKey(ulong High, ulong Low)
{
    public const int Bits = 128;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool operator <(in NGramKey a, in NGramKey b) => a.High < b.High || (a.High == b.High && a.Low < b.Low);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool operator >(in NGramKey a, in NGramKey b) => b < a;

    /// <summary>The number shifted right; 0 ≤ count &lt; 128.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public NGramKey ShiftRight(int count) =>
        count == 0 ? this
        : count < 64 ? new(High >> count, (Low >> count) | (High << (64 - count)))
        : new(0, High >> (count - 64));

    /// <summary>The number shifted left; 0 ≤ count &lt; 128.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public NGramKey ShiftLeft(int count) =>
        count == 0 ? this
        : count < 64 ? new((High << count) | (Low >> (64 - count)), Low << count)
        : new(Low << (count - 64), 0);

    /// <summary>The lowest bits; 0 ≤ count ≤ 128.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public NGramKey Lowest(int count) =>
        count >= 128 ? this : count >= 64 ? new(High & ((1UL << (count - 64)) - 1), Low) : new(0, Low & ((1UL << count) - 1));

    /// <summary>Both numbers' bits.</summary>
    public NGramKey Or(in NGramKey other) => new(High | other.High, Low | other.Low);
}

/// <summary>How n-grams are packed: every word has as many bits as the largest id needs.</summary>
internal readonly record struct NGramLayout
{
    /// <param name="vocabSize">Ids are below this.</param>
    /// <param name="order">The most words of an n-gram.</param>
    /// <exception cref="ConfigurationException">An n-gram does not fit into 128 bits.</exception>
    public NGramLayout(int vocabSize, int order)
    {
        WordBits = Math.Max(1, 32 - int.LeadingZeroCount(Math.Max(1, vocabSize - 1)));
        Order = order;
        if ((long)WordBits * order > NGramKey.Bits)
            throw new ConfigurationException($"{order}-grams of {vocabSize} tokens need {WordBits * order} bits each, and there are {NGramKey.Bits}. Choose an order of at most {NGramKey.Bits / WordBits}, or a smaller vocabulary.");
    }

    /// <summary>Bits of a word.</summary>
    public int WordBits { get; }

    /// <summary>The highest order.</summary>
    public int Order { get; }

    /// <summary>Moves all words of a full key back by one, drops the oldest and puts a word last.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public NGramKey Append(in NGramKey key, int word) => key.ShiftRight(WordBits).Or(new NGramKey(0, (uint)word).ShiftLeft(WordBits * (Order - 1)));

    /// <summary>The last <paramref name="to"/> of <paramref name="from"/> words.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public NGramKey Suffix(in NGramKey key, int from, int to) => key.ShiftRight(WordBits * (from - to));

    /// <summary>All of <paramref name="order"/> words but the last.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public NGramKey Context(in NGramKey key, int order) => key.Lowest(WordBits * (order - 1));

    /// <summary>The key whose order is first by context, as n-grams of one order less are ordered, then by the last word.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public NGramKey ToContextOrder(in NGramKey key, int order) =>
        Context(key, order).ShiftLeft(WordBits).Or(key.ShiftRight(WordBits * (order - 1)));

    /// <summary>A word; position 0 is the oldest.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int Word(in NGramKey key, int position) => (int)key.ShiftRight(WordBits * position).Lowest(WordBits).Low;

    /// <summary>The key of some words, the oldest first.</summary>
    public NGramKey Key(ReadOnlySpan<int> words)
    {
        var key = default(NGramKey);
        for (var position = 0; position < words.Length; position++) key = key.Or(new NGramKey(0, (uint)words[position]).ShiftLeft(WordBits * position));
        return key;
    }

    /// <summary>How many of the last words of two keys of one order agree.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int SharedSuffix(in NGramKey a, in NGramKey b, int order)
    {
        var (high, low) = (a.High ^ b.High, a.Low ^ b.Low);
        var leading = high != 0 ? System.Numerics.BitOperations.LeadingZeroCount(high) : 64 + System.Numerics.BitOperations.LeadingZeroCount(low);
        return Math.Min(order, (leading - (NGramKey.Bits - (WordBits * order))) / WordBits);
    }
}
