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
    /// <summary>Probability of being dropped, 0 ≤ p &lt; 1.</summary>
    public float Probability { get; } = probability;

    /// <summary>What kept probabilities are multiplied by.</summary>
    public float KeptScale => 1f / (1f - Probability);

    private uint Threshold => (uint)Math.Min(Probability * 4294967296.0, uint.MaxValue);

    /// <summary>The position of key 0 in the stream.</summary>
    public static ulong Position(int sequence, int head, int queryPosition) => ((ulong)sequence << 50) + ((ulong)head << 40) + ((ulong)queryPosition << 20);

    /// <summary>Whether one probability is kept.</summary>
    public bool Keeps(int sequence, int head, int queryPosition, int key) =>
        new Philox(seed, stream).BitsAt(Position(sequence, head, queryPosition) + (ulong)key) >= Threshold;

    /// <summary>Factors, 0 or <see cref="KeptScale"/>, for the keys of one query from <paramref name="position"/> on, a multiple of 4.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void AlongKeys(ulong position, int count, float* factors)
    {
        Philox.FillUniformBits(seed, stream, position, new Span<uint>(factors, count));
        var threshold = Vector512.Create(Threshold);
        var scale = Vector512.Create(KeptScale);
        for (var i = 0; i < count; i += 16)
        {
            var bits = Vector512.Load((uint*)factors + i);
            (Vector512.GreaterThanOrEqual(bits, threshold).AsSingle() & scale).Store(factors + i);
        }
    }

    /// <summary>Factors of four keys for sixteen queries whose key positions in units of four are given, factors[key][query], a row every <paramref name="step"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void AcrossQueries(Vector512<ulong> low, Vector512<ulong> high, float* factors, nint step)
    {
        PhiloxVector.Blocks(low, high, seed, stream, out var a, out var b);
        var threshold = Vector512.Create(Threshold);
        var scale = Vector512.Create(KeptScale);
        (Vector512.GreaterThanOrEqual(Vector512.Narrow(a.W0, b.W0), threshold).AsSingle() & scale).Store(factors);
        (Vector512.GreaterThanOrEqual(Vector512.Narrow(a.W1, b.W1), threshold).AsSingle() & scale).Store(factors + step);
        (Vector512.GreaterThanOrEqual(Vector512.Narrow(a.W2, b.W2), threshold).AsSingle() & scale).Store(factors + 2 * step);
        (Vector512.GreaterThanOrEqual(Vector512.Narrow(a.W3, b.W3), threshold).AsSingle() & scale).Store(factors + 3 * step);
    }
}
