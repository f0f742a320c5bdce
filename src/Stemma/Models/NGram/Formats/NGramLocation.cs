namespace Stemma.Models.NGram;

/// <summary>
/// Where an n-gram lies in a table: a hash of its words from the last to the first, so that the places of all orders are known before
/// the first of them is read, and reading them can overlap.
/// </summary>
internal static class NGramLocation
{
    private const ulong Factor = 0x9E3779B97F4A7C15;

    /// <summary>The hash of a word alone.</summary>
    public static ulong Start(int word) => ((ulong)(uint)word + 1) * Factor;

    /// <summary>The hash of an n-gram with one more word before it.</summary>
    public static ulong Extend(ulong hash, int word) => (ulong.RotateLeft(hash, 27) ^ ((ulong)(uint)word + 1)) * Factor;

    /// <summary>The first place to look at.</summary>
    public static long Slot(ulong hash, long slots) => (long)Math.BigMul(hash ^ (hash >> 29), (ulong)slots, out _);
}
