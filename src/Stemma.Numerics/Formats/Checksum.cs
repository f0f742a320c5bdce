using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Stemma.Numerics.Formats;

/// <summary>A fast checksum of large files: four lanes of multiply and rotate. It finds damage, not forgery.</summary>
public struct Checksum()
{
    private const ulong P1 = 0x9E3779B185EBCA87;
    private const ulong P2 = 0xC2B2AE3D27D4EB4F;

    private ulong _a = P1;
    private ulong _b = P2;
    private ulong _c = P1 ^ P2;
    private ulong _d = ~P1;

    /// <summary>The checksum so far.</summary>
    public readonly ulong Value => BitOperations.RotateLeft(_a, 1) + BitOperations.RotateLeft(_b, 7) + BitOperations.RotateLeft(_c, 12) + BitOperations.RotateLeft(_d, 18);

    /// <summary>Adds bytes. In several calls: all but the last must have a multiple of 32 bytes; what is missing at the end counts as zeros.</summary>
    public void Add(ReadOnlySpan<byte> bytes)
    {
        var whole = bytes.Length & ~31;
        AddWhole(MemoryMarshal.Cast<byte, ulong>(bytes[..whole]));
        if (whole == bytes.Length) return;
        Span<byte> last = stackalloc byte[32];
        last.Clear();
        bytes[whole..].CopyTo(last);
        AddWhole(MemoryMarshal.Cast<byte, ulong>(last));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void AddWhole(ReadOnlySpan<ulong> words)
    {
        var (a, b, c, d) = (_a, _b, _c, _d);
        for (; words.Length >= 4; words = words[4..])
        {
            a = BitOperations.RotateLeft(a ^ (words[0] * P2), 31) * P1;
            b = BitOperations.RotateLeft(b ^ (words[1] * P2), 31) * P1;
            c = BitOperations.RotateLeft(c ^ (words[2] * P2), 31) * P1;
            d = BitOperations.RotateLeft(d ^ (words[3] * P2), 31) * P1;
        }
        (_a, _b, _c, _d) = (a, b, c, d);
    }
}
