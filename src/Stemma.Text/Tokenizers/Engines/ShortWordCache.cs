using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Stemma.Text.Tokenizers.Engines;

/// <summary>
/// ASCII words of at most fifteen characters and their ids. A word is its own key, sixteen bytes of which the last is its length, so that one look into
/// memory finds and proves it. A word has two places; a new one takes the second when both are taken. Serves one thread at a time.
/// </summary>
internal sealed class ShortWordCache
{
    /// <summary>Longer words have no key.</summary>
    public const int LongestWord = 15;

    /// <summary>How many ids <see cref="TryGet"/> may write.</summary>
    public const int MostIds = LongestWord;

    private const int Bits = 16;
    private const int Inline = 3;
    private const int MostSpilled = 1 << 18;
    private readonly Slot[] slots = new Slot[1 << Bits];
    private readonly int[] spilled = new int[MostSpilled];
    private int spilledCount;

    /// <summary>The key of a word.</summary>
    /// <param name="characters">Sixteen characters, of which the first <paramref name="length"/> are the word.</param>
    /// <param name="length">1 to 15.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> Key(Vector128<byte> characters, int length) =>
        (characters & Vector128.LessThan(Vector128<byte>.Indices, Vector128.Create((byte)length))).WithElement(15, (byte)length);

    /// <summary>Writes the ids of a word when it is known.</summary>
    /// <param name="key">The word's key.</param>
    /// <param name="ids">Where they go; room for <see cref="MostIds"/>.</param>
    /// <returns>How many ids; −1 when the word is not known.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int TryGet(Vector128<byte> key, ref int ids)
    {
        var place = Place(key);
        ref var slot = ref slots[place];
        if (slot.Key != key)
        {
            slot = ref slots[place ^ 1];
            if (slot.Key != key) return -1;
        }

        if (slot.Count > Inline) return Spilled(slot, ref ids);
        ids = slot.First;
        Unsafe.Add(ref ids, 1) = slot.Second;
        Unsafe.Add(ref ids, 2) = slot.Third;
        return slot.Count;
    }

    /// <summary>Keeps a word that is not known.</summary>
    /// <param name="key">The word's key.</param>
    /// <param name="ids">Its ids, at most <see cref="MostIds"/>.</param>
    public void Add(Vector128<byte> key, ReadOnlySpan<int> ids)
    {
        if (spilledCount + ids.Length > MostSpilled)
        {
            Array.Clear(slots);
            spilledCount = 0;
        }

        ref var slot = ref slots[Place(key)];
        if (slot.Key != default) slot = ref slots[Place(key) ^ 1];
        slot = new Slot { Key = key, Count = ids.Length };
        if (ids.Length > Inline)
        {
            slot.First = spilledCount;
            ids.CopyTo(spilled.AsSpan(spilledCount));
            spilledCount += ids.Length;
            return;
        }

        if (ids.Length > 0) slot.First = ids[0];
        if (ids.Length > 1) slot.Second = ids[1];
        if (ids.Length > 2) slot.Third = ids[2];
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int Place(Vector128<byte> key)
    {
        var halves = key.AsUInt64();
        var hash = (halves.ToScalar() * 0x9E3779B97F4A7C15ul) ^ ((halves.GetElement(1) + 0x632BE59BD9B4E019ul) * 0xC2B2AE3D27D4EB4Ful);
        return (int)(((hash ^ (hash >> 32)) * 0x9E3779B97F4A7C15ul) >> (64 - Bits));
    }

    private int Spilled(in Slot slot, ref int ids)
    {
        for (var i = 0; i < slot.Count; i++) Unsafe.Add(ref ids, i) = spilled[slot.First + i];
        return slot.Count;
    }

    private struct Slot
    {
        public Vector128<byte> Key;
        public int First;
        public int Second;
        public int Third;
        public int Count;
    }
}
