namespace Stemma.Text.Tokenizers.Models;

/// <summary>SplitMix64 (Steele, Lea &amp; Flood 2014): a counter through a mixing function; enough for sampled segmentation.</summary>
/// <param name="seed">The same seed, the same numbers.</param>
internal struct SplitMix(ulong seed)
{
    private ulong state = seed;

    /// <summary>The next 64 random bits.</summary>
    public ulong Next()
    {
        var z = state += 0x9E3779B97F4A7C15ul;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ul;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EBul;
        return z ^ (z >> 31);
    }

    /// <summary>The next number in [0, 1).</summary>
    public double NextDouble() => (Next() >> 11) * (1.0 / (1ul << 53));
}
