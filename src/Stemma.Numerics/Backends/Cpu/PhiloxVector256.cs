using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Stemma.Numerics.Backends.Cpu;

/// <summary><see cref="PhiloxVector"/> for AVX2: four blocks in a vector, two vectors at a time, so that the rounds stay in sixteen registers.</summary>
internal static unsafe class PhiloxVector256
{
    /// <summary>Words that a step of <see cref="FillBlocks"/> writes.</summary>
    private const int StepLength = 32;

    /// <summary>Whether the processor has these vectors and none wider.</summary>
    public static bool IsSupported => Avx2.IsSupported && !Avx512F.IsSupported;

    /// <summary>See <see cref="PhiloxVector.FillBlocks"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static int FillBlocks(ulong seed, ulong stream, ulong block, Span<uint> bits)
    {
        var i = 0;
        fixed (uint* start = bits)
        {
            var lanes = Vector256.Create(0UL, 1, 2, 3);
            for (; i + StepLength <= bits.Length; i += StepLength, block += 8)
            {
                Blocks(Vector256.Create(block) + lanes, Vector256.Create(block + 4) + lanes, seed, stream, out var a, out var b);
                Interleave(a, (ulong*)(start + i));
                Interleave(b, (ulong*)(start + i + StepLength / 2));
            }
        }
        return i;
    }

    /// <summary>The four words of twice four blocks.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Blocks(Vector256<ulong> blockA, Vector256<ulong> blockB, ulong seed, ulong stream, out Words a, out Words b)
    {
        Vector256<ulong> a0 = blockA, a1 = blockA >>> 32, a2 = Vector256.Create((ulong)(uint)stream), a3 = Vector256.Create(stream >> 32);
        Vector256<ulong> b0 = blockB, b1 = blockB >>> 32, b2 = a2, b3 = a3;
        Vector256<ulong> key0 = Vector256.Create((ulong)(uint)seed), key1 = Vector256.Create(seed >> 32);
        Vector256<uint> multiplier0 = Vector256.Create((ulong)Philox.Multiplier0).AsUInt32(), multiplier1 = Vector256.Create((ulong)Philox.Multiplier1).AsUInt32();
        for (var round = 0; round < Philox.RoundCount; round++)
        {
            // What stands in the high halves never comes down: products read low halves only, and a key may carry into the high half.
            Vector256<ulong> productA0 = Avx2.Multiply(a0.AsUInt32(), multiplier0), productA1 = Avx2.Multiply(a2.AsUInt32(), multiplier1);
            Vector256<ulong> productB0 = Avx2.Multiply(b0.AsUInt32(), multiplier0), productB1 = Avx2.Multiply(b2.AsUInt32(), multiplier1);
            a0 = (productA1 >>> 32) ^ a1 ^ key0;
            a2 = (productA0 >>> 32) ^ a3 ^ key1;
            b0 = (productB1 >>> 32) ^ b1 ^ key0;
            b2 = (productB0 >>> 32) ^ b3 ^ key1;
            (a1, a3, b1, b3) = (productA1, productA0, productB1, productB0);
            key0 += Vector256.Create((ulong)Philox.KeyStep0);
            key1 += Vector256.Create((ulong)Philox.KeyStep1);
        }
        a = new Words(a0, a1, a2, a3);
        b = new Words(b0, b1, b2, b3);
    }

    /// <summary>The low halves of four lanes and of four more.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<uint> Join(Vector256<ulong> low, Vector256<ulong> high) =>
        Avx2.Permute4x64(Avx.Shuffle(low.AsSingle(), high.AsSingle(), 0b10_00_10_00).AsUInt64(), 0b11_01_10_00).AsUInt32();

    /// <summary>Writes four blocks one after the other.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Interleave(in Words words, ulong* target)
    {
        var low = Avx2.Blend(words.W0.AsUInt32(), (words.W1 << 32).AsUInt32(), 0b10101010).AsUInt64();
        var high = Avx2.Blend(words.W2.AsUInt32(), (words.W3 << 32).AsUInt32(), 0b10101010).AsUInt64();
        Vector256<ulong> even = Avx2.UnpackLow(low, high), odd = Avx2.UnpackHigh(low, high);
        Avx2.Permute2x128(even, odd, 0x20).Store(target);
        Avx2.Permute2x128(even, odd, 0x31).Store(target + 4);
    }

    /// <summary>The words of four blocks, each in the low half of its lane; the high halves hold anything.</summary>
    internal readonly struct Words(Vector256<ulong> w0, Vector256<ulong> w1, Vector256<ulong> w2, Vector256<ulong> w3)
    {
        public readonly Vector256<ulong> W0 = w0;
        public readonly Vector256<ulong> W1 = w1;
        public readonly Vector256<ulong> W2 = w2;
        public readonly Vector256<ulong> W3 = w3;
    }
}
