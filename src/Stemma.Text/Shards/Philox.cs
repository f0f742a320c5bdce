namespace Stemma.Text.Shards;

/// <summary>
/// Philox4x32-10, a random number as a function of a key and a counter (Salmon et al. 2011, "Parallel random numbers: as easy as
/// 1, 2, 3"). There is no state: the same (seed, stream, position) is the same number, on any thread and in any order.
/// </summary>
internal static class Philox
{
    /// <summary>64 uniform bits.</summary>
    public static ulong Draw(ulong seed, ulong stream, ulong position)
    {
        var (x0, x1, _, _) = Block(((uint)position, (uint)(position >> 32), (uint)stream, (uint)(stream >> 32)), ((uint)seed, (uint)(seed >> 32)));
        return ((ulong)x1 << 32) | x0;
    }

    /// <summary>Uniform over 0 … <paramref name="count"/> − 1; the bias is below count ÷ 2⁶⁴.</summary>
    public static long Below(long count, ulong seed, ulong stream, ulong position) =>
        (long)Math.BigMul(Draw(seed, stream, position), (ulong)count, out _);

    public static (uint X0, uint X1, uint X2, uint X3) Block((uint X0, uint X1, uint X2, uint X3) counter, (uint K0, uint K1) key)
    {
        var (x0, x1, x2, x3) = counter;
        var (k0, k1) = key;
        for (var round = 0; round < 10; round++)
        {
            var a = (ulong)x0 * 0xD2511F53u;
            var b = (ulong)x2 * 0xCD9E8D57u;
            (x0, x1, x2, x3) = ((uint)(b >> 32) ^ x1 ^ k0, (uint)b, (uint)(a >> 32) ^ x3 ^ k1, (uint)a);
            (k0, k1) = (k0 + 0x9E3779B9u, k1 + 0xBB67AE85u);
        }

        return (x0, x1, x2, x3);
    }
}
