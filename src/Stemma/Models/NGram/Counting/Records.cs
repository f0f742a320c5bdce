using System.Runtime.InteropServices;

namespace Stemma.Models.NGram;

/// <summary>A record that is sorted by a number of 128 bits.</summary>
internal interface IRecord<TSelf> where TSelf : unmanaged, IRecord<TSelf>
{
    /// <summary>What it is sorted by.</summary>
    NGramKey Key { get; }

    /// <summary>Adds a record of the same key to this one; false where records of one key stay apart.</summary>
    static abstract bool TryCombine(ref TSelf into, in TSelf other);
}

/// <summary>An n-gram and how often it was seen; a count that pruning removes has its highest bit set.</summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly record struct CountedNGram(NGramKey Key, ulong Count) : IRecord<CountedNGram>
{
    private const ulong PrunedBit = 1UL << 63;

    public bool IsPruned => (Count & PrunedBit) != 0;

    public ulong FullCount => Count & ~PrunedBit;

    public CountedNGram Pruned() => this with { Count = Count | PrunedBit };

    public static bool TryCombine(ref CountedNGram into, in CountedNGram other)
    {
        into = new(into.Key, into.Count + other.Count);
        return true;
    }
}

/// <summary>An n-gram sorted by its context: the key in context order, the place in suffix order, the count.</summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly record struct ContextNGram(NGramKey Key, long Index, ulong Count) : IRecord<ContextNGram>
{
    public static bool TryCombine(ref ContextNGram into, in ContextNGram other) => false;
}

/// <summary>An n-gram before interpolation: its place in suffix order, its own share, and the weight of the lower order.</summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly record struct Share(long Index, double Own, double Lower) : IRecord<Share>
{
    public NGramKey Key => new(0, (ulong)Index);

    public static bool TryCombine(ref Share into, in Share other) => false;
}

/// <summary>An n-gram of a model: log10 of its probability given its context, and of its weight as a context.</summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly record struct WeightedNGram(NGramKey Key, double LogProbability, double LogBackoff) : IRecord<WeightedNGram>
{
    public static bool TryCombine(ref WeightedNGram into, in WeightedNGram other) => false;
}
