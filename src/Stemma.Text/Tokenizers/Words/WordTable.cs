using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;

namespace Stemma.Text.Tokenizers.Words;

/// <summary>Words and their ids, in the order they came. Finding a word allocates nothing.</summary>
internal sealed class WordTable
{
    // A slot has all that is needed to pass by a wrong word, so that looking one up waits for memory twice: slot and letters.
    private Slot[] slots = new Slot[1 << 12];
    private int[] ends = new int[1 << 10];
    private char[] characters = new char[1 << 14];

    public int Count { get; private set; }

    public ReadOnlySpan<char> this[int id] => characters.AsSpan(Start(id), ends[id] - Start(id));

    public int Find(ReadOnlySpan<char> word) => Find(word, Hash(word));

    /// <summary>The id of a word whose hash is known; -1 where there is none.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public int Find(ReadOnlySpan<char> word, uint hash)
    {
        var all = slots;
        for (var place = hash & (uint)(all.Length - 1); ; place = (place + 1) & (uint)(all.Length - 1))
        {
            ref readonly var slot = ref all[place];
            if (slot.Id == 0) return -1;
            if (slot.Hash == hash && slot.Length == word.Length && characters.AsSpan(slot.Start, slot.Length).SequenceEqual(word)) return slot.Id - 1;
        }
    }

    /// <summary>Asks memory for the place where a word of this hash is looked for first.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public unsafe void Prefetch(uint hash)
    {
        if (Sse.IsSupported) Sse.Prefetch0(Unsafe.AsPointer(ref slots[hash & (uint)(slots.Length - 1)]));
    }

    public int FindOrAdd(ReadOnlySpan<char> word)
    {
        var hash = Hash(word);
        var id = Find(word, hash);
        if (id >= 0) return id;
        if (Count == ends.Length) Array.Resize(ref ends, Count * 2);
        var start = Start(Count);
        while (start + word.Length > characters.Length) Array.Resize(ref characters, checked(characters.Length * 2));
        word.CopyTo(characters.AsSpan(start));
        ends[Count] = start + word.Length;
        Count++;
        if (Count * 2 > slots.Length) Grow();
        Insert(slots, new(hash, Count, start, word.Length));
        return Count - 1;
    }

    /// <summary>A number that words are found by.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static uint Hash(ReadOnlySpan<char> word)
    {
        var hash = 0x9E3779B97F4A7C15UL ^ (ulong)word.Length;
        for (; word.Length >= 4; word = word[4..]) hash = Mix(hash ^ MemoryMarshal.Read<ulong>(MemoryMarshal.AsBytes(word)));
        foreach (var character in word) hash = Mix(hash ^ character);
        return (uint)(hash >> 32);
    }

    private void Grow()
    {
        var larger = new Slot[slots.Length * 2];
        foreach (var slot in slots)
            if (slot.Id != 0) Insert(larger, slot);
        slots = larger;
    }

    private static void Insert(Slot[] slots, Slot slot)
    {
        var place = slot.Hash & (uint)(slots.Length - 1);
        while (slots[place].Id != 0) place = (place + 1) & (uint)(slots.Length - 1);
        slots[place] = slot;
    }

    private int Start(int id) => id == 0 ? 0 : ends[id - 1];

    private static ulong Mix(ulong value)
    {
        value *= 0xD6E8FEB86659FD93UL;
        return value ^ (value >> 32);
    }

    /// <summary>A place of the table.</summary>
    /// <param name="Hash">The word's.</param>
    /// <param name="Id">Its id, and one more; 0 where the place is free.</param>
    /// <param name="Start">Its first letter.</param>
    /// <param name="Length">Its letters.</param>
    private readonly record struct Slot(uint Hash, int Id, int Start, int Length);
}
