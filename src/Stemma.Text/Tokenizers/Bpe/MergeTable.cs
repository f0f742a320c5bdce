using System.Numerics;
using System.Runtime.CompilerServices;

namespace Stemma.Text.Tokenizers.Bpe;

/// <summary>
/// Pair of ids → (rank, merged id): open addressing, at most half full. Most pairs that are asked for never merge; a Bloom filter of one
/// hash turns most of them away before the table, which is too large for the processor's near caches, is read.
/// </summary>
internal sealed class MergeTable
{
    /// <summary>The rank of a pair that never merges.</summary>
    public const int NoRank = int.MaxValue;

    private const ulong Empty = ulong.MaxValue;
    private readonly (ulong Key, int Rank, int Result)[] slots;
    private readonly ulong[] filter;
    private readonly int shift;
    private readonly int filterShift;

    public MergeTable(IReadOnlyList<BpeMerge> merges)
    {
        var bits = BitOperations.Log2(BitOperations.RoundUpToPowerOf2((uint)Math.Max(4, merges.Count * 2)));
        (shift, filterShift) = (64 - bits, 64 - bits - 2);
        slots = new (ulong, int, int)[1 << bits];
        filter = new ulong[1 << Math.Max(0, bits - 4)];
        Array.Fill(slots, (Empty, NoRank, 0));
        for (var rank = 0; rank < merges.Count; rank++)
        {
            var key = Key(merges[rank].Left, merges[rank].Right);
            var hash = Hash(key);
            var slot = Find(key, hash);
            if (slots[slot].Key != Empty) throw new ArgumentException($"Merge {rank} repeats an earlier one.", nameof(merges));
            slots[slot] = (key, rank, merges[rank].Result);
            filter[(int)(hash >> filterShift >> 6)] |= 1ul << (int)(hash >> filterShift);
        }
    }

    /// <summary>The rank of a pair, lowest first to merge; <see cref="NoRank"/> when it never merges.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int Rank(int left, int right, out int result)
    {
        var key = Key(left, right);
        var hash = Hash(key);
        result = 0;
        if (((filter[(int)(hash >> filterShift >> 6)] >> (int)(hash >> filterShift)) & 1) == 0) return NoRank;
        ref readonly var slot = ref slots[Find(key, hash)];
        result = slot.Result;
        return slot.Rank;
    }

    private static ulong Key(int left, int right) => ((ulong)(uint)left << 32) | (uint)right;

    private static ulong Hash(ulong key) => key * 0x9E3779B97F4A7C15ul;

    private int Find(ulong key, ulong hash)
    {
        var slot = (int)(hash >> shift);
        while (slots[slot].Key != key && slots[slot].Key != Empty) slot = (slot + 1) & (slots.Length - 1);
        return slot;
    }
}
