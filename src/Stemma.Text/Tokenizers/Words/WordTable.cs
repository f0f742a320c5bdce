using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;

namespace Stemma.Text.Tokenizers.Words;

/// <summary>Words and their ids, in the order they came. Finding a word allocates nothing.</summary>
internal sealed class WordTable
{
    private const int BlockLength = 16;
    private const ulong Seed = 0x9E3779B97F4A7C15;

    // A slot has all that is needed to pass by a wrong word, so that looking one up waits for memory twice: slot and letters.
    private Slot[] slots = new Slot[1 << 12];
    private int[] ends = new int[1 << 10];
    private char[] characters = new char[1 << 14];

    public int Count { get; private set; }

    // Read from 16 − n: n letters that count, and the rest of a block that does not.
    private static ReadOnlySpan<ushort> Masks =>
    [
        0xFFFF, 0xFFFF, 0xFFFF, 0xFFFF, 0xFFFF, 0xFFFF, 0xFFFF, 0xFFFF, 0xFFFF, 0xFFFF, 0xFFFF, 0xFFFF, 0xFFFF, 0xFFFF, 0xFFFF, 0xFFFF,
        0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    ];

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

    /// <summary>Asks memory for the letters of the word that lies there, when its place is here already.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public unsafe void PrefetchLetters(uint hash)
    {
        ref readonly var slot = ref slots[hash & (uint)(slots.Length - 1)];
        if (Sse.IsSupported && slot.Hash == hash) Sse.Prefetch0(Unsafe.AsPointer(ref characters[slot.Start]));
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
    [MethodImpl(MethodImplOptions.AggressiveOptimization), SkipLocalsInit]
    public static uint Hash(ReadOnlySpan<char> word)
    {
        Span<char> block = stackalloc char[BlockLength];
        var hash = Seed ^ (ulong)word.Length;
        for (; word.Length > BlockLength; word = word[BlockLength..]) hash = Mix(hash, word);
        block.Clear();
        word.CopyTo(block);
        return (uint)(Mix(hash, block) >> 32);
    }

    /// <summary>The same of a part of a text. Lengths of words differ too much for a processor to guess them, so that this has no branch that depends on one.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint Hash(ReadOnlySpan<char> text, int start, int length)
    {
        if (length > BlockLength || start + BlockLength > text.Length) return Hash(text.Slice(start, length));
        ref var letters = ref Unsafe.As<char, byte>(ref Unsafe.Add(ref MemoryMarshal.GetReference(text), start));
        ref var masks = ref Unsafe.As<ushort, byte>(ref Unsafe.Add(ref MemoryMarshal.GetReference(Masks), BlockLength - length));
        return (uint)(Mix(
            Seed ^ (ulong)length, Part(ref letters, ref masks, 0), Part(ref letters, ref masks, 1), Part(ref letters, ref masks, 2), Part(ref letters, ref masks, 3)) >> 32);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Part(ref byte letters, ref byte masks, int part) => Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref letters, 8 * part)) & Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref masks, 8 * part));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Mix(ulong hash, ReadOnlySpan<char> block)
    {
        var parts = MemoryMarshal.Cast<char, ulong>(block[..BlockLength]);
        return Mix(hash, parts[0], parts[1], parts[2], parts[3]);
    }

    // Four products at once instead of one after another.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Mix(ulong hash, ulong a, ulong b, ulong c, ulong d)
    {
        var value = ((a ^ hash) * 0xD6E8FEB86659FD93UL) ^ ulong.RotateLeft(b * 0x9FB21C651E98DF25UL, 17) ^ ulong.RotateLeft(c * 0xC2B2AE3D27D4EB4FUL, 31) ^ ulong.RotateLeft(d * 0x165667B19E3779F9UL, 47);
        value = (value ^ (value >> 29)) * 0xBF58476D1CE4E5B9UL;
        return value ^ (value >> 32);
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

    /// <summary>A place of the table.</summary>
    /// <param name="Hash">The word's.</param>
    /// <param name="Id">Its id, and one more; 0 where the place is free.</param>
    /// <param name="Start">Its first letter.</param>
    /// <param name="Length">Its letters.</param>
    private readonly record struct Slot(uint Hash, int Id, int Start, int Length);
}
