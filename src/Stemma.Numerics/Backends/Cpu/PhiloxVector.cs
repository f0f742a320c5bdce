using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Stemma.Numerics.Backends.Cpu;

/// <summary><see cref="Philox"/>, eight blocks at a time, equal to it bit for bit.</summary>
internal static unsafe class PhiloxVector
{
    /// <summary>Words that a step of <see cref="FillBlocks"/> writes.</summary>
    private const int StepLength = 32;

    /// <summary>Fills as much of <paramref name="bits"/> as whole steps reach, from the first word of block <paramref name="block"/> on; returns how much that is.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static int FillBlocks(ulong seed, ulong stream, ulong block, Span<uint> bits)
    {
        var i = 0;
        fixed (uint* start = bits)
        {
            for (; i + StepLength <= bits.Length; i += StepLength, block += 8)
            {
                Blocks(Vector512.Create(block) + Vector512.Create(0UL, 1, 2, 3, 4, 5, 6, 7), seed, stream, out var w0, out var w1, out var w2, out var w3);
                var low = (w0 & Vector512.Create((ulong)uint.MaxValue)) | (w1 << 32);
                var high = (w2 & Vector512.Create((ulong)uint.MaxValue)) | (w3 << 32);
                var target = (ulong*)(start + i);
                if (Avx512F.IsSupported)
                {
                    Avx512F.PermuteVar8x64x2(low, Vector512.Create(0UL, 8, 1, 9, 2, 10, 3, 11), high).Store(target);
                    Avx512F.PermuteVar8x64x2(low, Vector512.Create(4UL, 12, 5, 13, 6, 14, 7, 15), high).Store(target + 8);
                }
                else
                {
                    for (var lane = 0; lane < 8; lane++)
                    {
                        target[2 * lane] = low[lane];
                        target[2 * lane + 1] = high[lane];
                    }
                }
            }
        }
        return i;
    }

    /// <summary>The four words of eight blocks, each in the low half of its lane; the high halves hold anything.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Blocks(Vector512<ulong> block, ulong seed, ulong stream, out Vector512<ulong> w0, out Vector512<ulong> w1, out Vector512<ulong> w2, out Vector512<ulong> w3)
    {
        Vector512<ulong> c0 = block, c1 = block >>> 32, c2 = Vector512.Create((ulong)(uint)stream), c3 = Vector512.Create(stream >> 32);
        uint key0 = (uint)seed, key1 = (uint)(seed >> 32);
        for (var round = 0; round < Philox.RoundCount; round++)
        {
            var product0 = MultiplyLow(c0, Vector512.Create((ulong)Philox.Multiplier0));
            var product1 = MultiplyLow(c2, Vector512.Create((ulong)Philox.Multiplier1));
            c0 = (product1 >>> 32) ^ c1 ^ Vector512.Create((ulong)key0);
            c2 = (product0 >>> 32) ^ c3 ^ Vector512.Create((ulong)key1);
            c1 = product1;
            c3 = product0;
            key0 += Philox.KeyStep0;
            key1 += Philox.KeyStep1;
        }
        (w0, w1, w2, w3) = (c0, c1, c2, c3);
    }

    /// <summary>The 64-bit products of the lanes' low halves.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<ulong> MultiplyLow(Vector512<ulong> x, Vector512<ulong> y)
    {
        if (Avx512F.IsSupported)
            return Avx512F.Multiply(x.AsUInt32(), y.AsUInt32());
        if (Avx2.IsSupported)
            return Vector512.Create(Avx2.Multiply(x.GetLower().AsUInt32(), y.GetLower().AsUInt32()), Avx2.Multiply(x.GetUpper().AsUInt32(), y.GetUpper().AsUInt32()));
        return (x & Vector512.Create((ulong)uint.MaxValue)) * y;
    }
}
