namespace Stemma.Numerics;

/// <summary>
/// Random numbers by counter: the number at a position is a pure function of (seed, stream, position), so that draws need no
/// order, can be repeated, and do not depend on threads. Philox4x32-10, Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2, 3".
/// </summary>
/// <param name="Seed">The run's seed.</param>
/// <param name="Stream">Which of the seed's independent sequences.</param>
public readonly record struct RandomStream(ulong Seed, ulong Stream = 0)
{
    /// <summary>Another stream of the same seed, told apart by a number of its own (a layer, a step).</summary>
    public RandomStream Fork(ulong id) => new(Seed, Mix(Stream + 0x9E3779B97F4A7C15 * (id + 1)));

    /// <summary>Another stream of the same seed, told apart by a name.</summary>
    public RandomStream Fork(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        var hash = 14695981039346656037UL; // FNV-1a
        foreach (var c in name) hash = (hash ^ c) * 1099511628211UL;
        return Fork(hash);
    }

    /// <summary>32 random bits.</summary>
    public uint Bits(ulong position) => new Philox(Seed, Stream).BitsAt(position);

    /// <summary>Uniform in [0, 1), with 53 bits.</summary>
    public double Uniform(ulong position) => ((((ulong)Bits(2 * position) << 32) | Bits(2 * position + 1)) >> 11) * (1.0 / (1UL << 53));

    /// <summary>Standard normal (Box &amp; Muller 1958).</summary>
    public double Normal(ulong position) =>
        Math.Sqrt(-2 * Math.Log(1 - Uniform(2 * position))) * Math.Cos(2 * Math.PI * Uniform(2 * position + 1));

    /// <summary>Uniform among 0 … <paramref name="count"/> − 1.</summary>
    public long Below(long count, ulong position)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(count);
        return (long)Math.BigMul(((ulong)Bits(2 * position) << 32) | Bits(2 * position + 1), (ulong)count, out _);
    }

    /// <summary>Random bits below this are dropped with the given probability.</summary>
    internal static uint DropoutThreshold(double probability) => (uint)Math.Min((float)probability * 4294967296.0, uint.MaxValue);

    // The finaliser of SplitMix64 (Steele et al. 2014).
    private static ulong Mix(ulong z)
    {
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}
