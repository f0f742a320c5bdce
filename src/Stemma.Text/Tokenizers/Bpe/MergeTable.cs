using System.Numerics;

namespace Stemma.Text.Tokenizers.Bpe;

/// <summary>Pair of ids → (rank, merged id): open addressing, at most half full.</summary>
internal sealed class MergeTable
{
    /// <summary>The rank of a pair that never merges.</summary>
    public const int NoRank = int.MaxValue;

    private const ulong Empty = ulong.MaxValue;
    private readonly (ulong Key, int Rank, int Result)[] slots;
    private readonly int shift;

    public MergeTable(IReadOnlyList<BpeMerge> merges)
    {
        var size = BitOperations.RoundUpToPowerOf2((uint)Math.Max(4, merges.Count * 2));
        shift = 64 - BitOperations.Log2(size);
        slots = new (ulong, int, int)[size];
        Array.Fill(slots, (Empty, NoRank, 0));
        for (var rank = 0; rank < merges.Count; rank++)
        {
            var slot = Find(merges[rank].Left, merges[rank].Right);
            if (slots[slot].Key != Empty) throw new ArgumentException($"Merge {rank} repeats an earlier one.", nameof(merges));
            slots[slot] = (Key(merges[rank].Left, merges[rank].Right), rank, merges[rank].Result);
        }
    }

    /// <summary>The rank of a pair, lowest first to merge; <see cref="NoRank"/> when it never merges.</summary>
    public int Rank(int left, int right, out int result)
    {
        ref readonly var slot = ref slots[Find(left, right)];
        result = slot.Result;
        return slot.Rank;
    }

    private static ulong Key(int left, int right) => ((ulong)(uint)left << 32) | (uint)right;

    private int Find(int left, int right)
    {
        var key = Key(left, right);
        var slot = (int)((key * 0x9E3779B97F4A7C15ul) >> shift);
        while (slots[slot].Key != key && slots[slot].Key != Empty) slot = (slot + 1) & (slots.Length - 1);
        return slot;
    }
}
