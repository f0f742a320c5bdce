using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Stemma.Numerics.Backends.Cpu.Attention;

/// <summary>Drops attention probabilities: whether one is kept is a function of the seed and its place alone.</summary>
/// <remarks>
/// The place of (sequence, head, query position, key) in the <see cref="Philox"/> stream is sequence·2⁵⁰ + head·2⁴⁰ + query position·2²⁰ + key:
/// no two coincide up to 2²⁰ keys, 1024 heads and 16384 sequences. A word w keeps its probability where w ≥ p·2³², and kept ones are multiplied by 1 ÷ (1 − p).
/// </remarks>
internal readonly unsafe struct AttentionDropout(float probability, ulong seed, ulong stream)
{
    /// <summary>Below it a word drops.</summary>
    private readonly uint _threshold = (uint)Math.Min(probability * 4294967296.0, uint.MaxValue);

    /// <summary>Probability of being dropped, 0 ≤ p &lt; 1.</summary>
    public float Probability { get; } = probability;

    /// <summary>What kept probabilities are multiplied by.</summary>
    public float KeptScale => 1f / (1f - Probability);

    /// <summary>The position of key 0 in the stream.</summary>
    public static ulong Position(int sequence, int head, int queryPosition) => ((ulong)sequence << 50) + ((ulong)head << 40) + ((ulong)queryPosition << 20);

    /// <summary>Whether one probability is kept.</summary>
    public bool Keeps(int sequence, int head, int queryPosition, int key) =>
        new Philox(seed, stream).BitsAt(Position(sequence, head, queryPosition) + (ulong)key) >= _threshold;

    /// <summary>Writes which probabilities of eight keys are kept, a bit to each of sixteen queries; their positions at the first key are given in units of four, of the queries by eights.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Draw(Vector512<ulong> low, Vector512<ulong> high, ushort* kept)
    {
        PhiloxVector.Blocks(low, high, low + Vector512<ulong>.One, high + Vector512<ulong>.One, seed, stream, out var a, out var b, out var c, out var d);
        Draw(a, b, kept);
        Draw(c, d, kept + 4);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Draw(in PhiloxVector.Words low, in PhiloxVector.Words high, ushort* kept)
    {
        kept[0] = Draw(low.W0, high.W0);
        kept[1] = Draw(low.W1, high.W1);
        kept[2] = Draw(low.W2, high.W2);
        kept[3] = Draw(low.W3, high.W3);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private ushort Draw(Vector512<ulong> low, Vector512<ulong> high) =>
        (ushort)Vector512.GreaterThanOrEqual(PhiloxVector.Join(low, high), Vector512.Create(_threshold)).ExtractMostSignificantBits();

    /// <summary>Writes all bits of the probabilities kept, of four keys for eight queries whose key positions in units of four are given: [key][query].</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Kept(Vector256<ulong> low, Vector256<ulong> high, float* kept)
    {
        PhiloxVector256.Blocks(low, high, seed, stream, out var a, out var b);
        var threshold = Vector256.Create(_threshold);
        Vector256.GreaterThanOrEqual(PhiloxVector256.Join(a.W0, b.W0), threshold).AsSingle().Store(kept);
        Vector256.GreaterThanOrEqual(PhiloxVector256.Join(a.W1, b.W1), threshold).AsSingle().Store(kept + 8);
        Vector256.GreaterThanOrEqual(PhiloxVector256.Join(a.W2, b.W2), threshold).AsSingle().Store(kept + 16);
        Vector256.GreaterThanOrEqual(PhiloxVector256.Join(a.W3, b.W3), threshold).AsSingle().Store(kept + 24);
    }
}
