namespace Stemma.Numerics;

/// <summary>
/// Philox4x32-10, a counter-based random number generator. Salmon, Moraes, Dror &amp; Shaw 2011, "Parallel random numbers: as easy
/// as 1, 2, 3", SC11.
/// </summary>
internal static class Philox
{
    private const uint M0 = 0xD2511F53, M1 = 0xCD9E8D57, W0 = 0x9E3779B9, W1 = 0xBB67AE85;

    /// <summary>The four words of one counter.</summary>
    public static (uint X, uint Y, uint Z, uint W) Block(ulong key, ulong counterLow, ulong counterHigh)
    {
        var (c0, c1, c2, c3) = ((uint)counterLow, (uint)(counterLow >> 32), (uint)counterHigh, (uint)(counterHigh >> 32));
        var (k0, k1) = ((uint)key, (uint)(key >> 32));
        for (var round = 0; round < 10; round++)
        {
            var (p0, p1) = ((ulong)M0 * c0, (ulong)M1 * c2);
            (c0, c1, c2, c3) = ((uint)(p1 >> 32) ^ c1 ^ k0, (uint)p1, (uint)(p0 >> 32) ^ c3 ^ k1, (uint)p0);
            k0 += W0;
            k1 += W1;
        }
        return (c0, c1, c2, c3);
    }

    /// <summary>The word at a position of a stream: counter position / 4, word position mod 4.</summary>
    public static uint Word(ulong seed, ulong stream, ulong position)
    {
        var (x, y, z, w) = Block(seed, position / 4, stream);
        return (position % 4) switch { 0 => x, 1 => y, 2 => z, _ => w };
    }

    /// <summary>A random word below this is dropped.</summary>
    public static uint DropoutThreshold(double probability) => (uint)Math.Min(probability * 4294967296.0, uint.MaxValue);
}
