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
            for (; i + StepLength <= bits.Length; i += 4 * StepLength, block += 32)
            {
                var steps = Math.Min(4, (bits.Length - i) / StepLength);
                var first = Vector512.Create(block) + lanes;
                Blocks(first, first + Vector512.Create(8UL), first + Vector512.Create(16UL), first + Vector512.Create(24UL), seed, stream, out var a, out var b, out var c, out var d);
                Interleave(a, (ulong*)(start + i));
                if (steps > 1) Interleave(b, (ulong*)(start + i + StepLength));
                if (steps > 2) Interleave(c, (ulong*)(start + i + 2 * StepLength));
                if (steps > 3) Interleave(d, (ulong*)(start + i + 3 * StepLength));
            }
        }
        return bits.Length / StepLength * StepLength;
    }

    /// <summary>The four words of four times eight blocks: a round waits for its products, and so many at a time fill the wait.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Blocks(Vector512<ulong> blockA, Vector512<ulong> blockB, Vector512<ulong> blockC, Vector512<ulong> blockD, ulong seed, ulong stream, out Words a, out Words b, out Words c, out Words d)
    {
        Vector512<ulong> streamLow = Vector512.Create((ulong)(uint)stream), streamHigh = Vector512.Create(stream >> 32);
        a = new Words(blockA, blockA >>> 32, streamLow, streamHigh);
        b = new Words(blockB, blockB >>> 32, streamLow, streamHigh);
        c = new Words(blockC, blockC >>> 32, streamLow, streamHigh);
        d = new Words(blockD, blockD >>> 32, streamLow, streamHigh);
        Vector512<ulong> key0 = Vector512.Create((ulong)(uint)seed), key1 = Vector512.Create(seed >> 32);
        for (var round = 0; round < Philox.RoundCount; round++)
        {
            a = Round(a, key0, key1);
            b = Round(b, key0, key1);
            c = Round(c, key0, key1);
            d = Round(d, key0, key1);
            key0 += Vector512.Create((ulong)Philox.KeyStep0);
            key1 += Vector512.Create((ulong)Philox.KeyStep1);
        }
    }

    // What stands in the high halves never comes down: products read low halves only, and a key may carry into the high half.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Words Round(in Words x, Vector512<ulong> key0, Vector512<ulong> key1)
    {
        var product0 = MultiplyLow(x.W0, Vector512.Create((ulong)Philox.Multiplier0));
        var product1 = MultiplyLow(x.W2, Vector512.Create((ulong)Philox.Multiplier1));
        return new Words((product1 >>> 32) ^ x.W1 ^ key0, product1, (product0 >>> 32) ^ x.W3 ^ key1, product0);
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
