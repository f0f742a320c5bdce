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
        if (PhiloxVector256.IsSupported)
            return PhiloxVector256.FillBlocks(seed, stream, block, bits);
        var i = 0;
        fixed (uint* start = bits)
        {
            var lanes = Vector512.Create(0UL, 1, 2, 3, 4, 5, 6, 7);
            for (; i + 2 * StepLength <= bits.Length; i += 2 * StepLength, block += 16)
            {
                Blocks(Vector512.Create(block) + lanes, Vector512.Create(block + 8) + lanes, seed, stream, out var a, out var b);
                Interleave(a, (ulong*)(start + i));
                Interleave(b, (ulong*)(start + i + StepLength));
            }
            for (; i + StepLength <= bits.Length; i += StepLength, block += 8)
            {
                Blocks(Vector512.Create(block) + lanes, Vector512.Create(block) + lanes, seed, stream, out var a, out _);
                Interleave(a, (ulong*)(start + i));
            }
        }
        return i;
    }

    /// <summary>The four words of twice eight blocks; two at a time, because a round waits for its products.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Blocks(Vector512<ulong> blockA, Vector512<ulong> blockB, ulong seed, ulong stream, out Words a, out Words b)
    {
        Vector512<ulong> a0 = blockA, a1 = blockA >>> 32, a2 = Vector512.Create((ulong)(uint)stream), a3 = Vector512.Create(stream >> 32);
        Vector512<ulong> b0 = blockB, b1 = blockB >>> 32, b2 = a2, b3 = a3;
        Vector512<ulong> key0 = Vector512.Create((ulong)(uint)seed), key1 = Vector512.Create(seed >> 32);
        Vector512<ulong> multiplier0 = Vector512.Create((ulong)Philox.Multiplier0), multiplier1 = Vector512.Create((ulong)Philox.Multiplier1);
        for (var round = 0; round < Philox.RoundCount; round++)
        {
            // What stands in the high halves never comes down: products read low halves only, and a key may carry into the high half.
            Vector512<ulong> productA0 = MultiplyLow(a0, multiplier0), productA1 = MultiplyLow(a2, multiplier1);
            Vector512<ulong> productB0 = MultiplyLow(b0, multiplier0), productB1 = MultiplyLow(b2, multiplier1);
            a0 = (productA1 >>> 32) ^ a1 ^ key0;
            a2 = (productA0 >>> 32) ^ a3 ^ key1;
            b0 = (productB1 >>> 32) ^ b1 ^ key0;
            b2 = (productB0 >>> 32) ^ b3 ^ key1;
            (a1, a3, b1, b3) = (productA1, productA0, productB1, productB0);
            key0 += Vector512.Create((ulong)Philox.KeyStep0);
            key1 += Vector512.Create((ulong)Philox.KeyStep1);
        }
        a = new Words(a0, a1, a2, a3);
        b = new Words(b0, b1, b2, b3);
    }

    /// <summary>Writes eight blocks one after the other.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Interleave(in Words words, ulong* target)
    {
        var low = (words.W0 & Vector512.Create((ulong)uint.MaxValue)) | (words.W1 << 32);
        var high = (words.W2 & Vector512.Create((ulong)uint.MaxValue)) | (words.W3 << 32);
        if (Avx512F.IsSupported)
        {
            Avx512F.PermuteVar8x64x2(low, Vector512.Create(0UL, 8, 1, 9, 2, 10, 3, 11), high).Store(target);
            Avx512F.PermuteVar8x64x2(low, Vector512.Create(4UL, 12, 5, 13, 6, 14, 7, 15), high).Store(target + 8);
            return;
        }
        for (var lane = 0; lane < 8; lane++)
        {
            target[2 * lane] = low[lane];
            target[2 * lane + 1] = high[lane];
        }
    }

    /// <summary>The low halves of eight lanes and of eight more.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<uint> Join(Vector512<ulong> low, Vector512<ulong> high) =>
        Avx512F.IsSupported
            ? Avx512F.PermuteVar16x32x2(low.AsUInt32(), Vector512.Create(0u, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30), high.AsUInt32())
            : Vector512.Narrow(low, high);

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

    /// <summary>The words of eight blocks, each in the low half of its lane; the high halves hold anything.</summary>
    internal readonly struct Words(Vector512<ulong> w0, Vector512<ulong> w1, Vector512<ulong> w2, Vector512<ulong> w3)
    {
        public readonly Vector512<ulong> W0 = w0;
        public readonly Vector512<ulong> W1 = w1;
        public readonly Vector512<ulong> W2 = w2;
        public readonly Vector512<ulong> W3 = w3;
    }
}
