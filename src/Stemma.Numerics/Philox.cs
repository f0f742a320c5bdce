using Stemma.Numerics.Backends.Cpu;

namespace Stemma.Numerics;

/// <summary>Philox4x32-10, a counter-based random generator: the word at a position is a pure function of (seed, stream, position).</summary>
/// <remarks>
/// <para>Salmon, Moraes, Dror and Shaw 2011, "Parallel Random Numbers: As Easy as 1, 2, 3". Four words come out of one block:
/// the key is the seed, the counter is (position ÷ 4, stream), each as two 32-bit halves, low half first; position mod 4 picks the word.</para>
/// <para>Any thread can compute any stretch of a stream, so what is drawn depends neither on the number of threads nor on the order of work.</para>
/// </remarks>
/// <param name="Seed">The key.</param>
/// <param name="Stream">Tells apart independent sequences of one seed.</param>
public readonly record struct Philox(ulong Seed, ulong Stream)
{
    internal const uint Multiplier0 = 0xD2511F53;
    internal const uint Multiplier1 = 0xCD9E8D57;
    internal const uint KeyStep0 = 0x9E3779B9;
    internal const uint KeyStep1 = 0xBB67AE85;
    internal const int RoundCount = 10;

    /// <summary>The 32 uniform bits at a position of this stream.</summary>
    public uint BitsAt(ulong position)
    {
        var block = position >> 2;
        var words = Block((uint)block, (uint)(block >> 32), (uint)Stream, (uint)(Stream >> 32), (uint)Seed, (uint)(Seed >> 32));
        return (position & 3) switch
        {
            0 => words.W0,
            1 => words.W1,
            2 => words.W2,
            _ => words.W3,
        };
    }

    /// <summary>The bijection itself: ten rounds over four counter words with two key words.</summary>
    public static (uint W0, uint W1, uint W2, uint W3) Block(uint c0, uint c1, uint c2, uint c3, uint key0, uint key1)
    {
        for (var round = 0; round < RoundCount; round++)
        {
            var product0 = (ulong)Multiplier0 * c0;
            var product1 = (ulong)Multiplier1 * c2;
            (c0, c1, c2, c3) = ((uint)(product1 >> 32) ^ c1 ^ key0, (uint)product1, (uint)(product0 >> 32) ^ c3 ^ key1, (uint)product0);
            key0 += KeyStep0;
            key1 += KeyStep1;
        }
        return (c0, c1, c2, c3);
    }

    /// <summary>Fills <paramref name="bits"/> with the words at positions <paramref name="startPosition"/>, <paramref name="startPosition"/> + 1, …</summary>
    public static void FillUniformBits(ulong seed, ulong stream, ulong startPosition, Span<uint> bits)
    {
        var generator = new Philox(seed, stream);
        var i = 0;
        for (; i < bits.Length && ((startPosition + (ulong)i) & 3) != 0; i++)
            bits[i] = generator.BitsAt(startPosition + (ulong)i);
        i += PhiloxVector.FillBlocks(seed, stream, (startPosition + (ulong)i) >> 2, bits[i..]);
        for (; i < bits.Length; i++)
            bits[i] = generator.BitsAt(startPosition + (ulong)i);
    }
}
