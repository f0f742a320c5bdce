using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Stemma.Text.Tokenizers.Words;

/// <summary>Words and their ids, in the order they came. Finding a word allocates nothing.</summary>
internal sealed class WordTable
{
    private int[] slots = new int[1 << 12];     // id + 1; 0 where free
    private uint[] hashes = new uint[1 << 10];
    private int[] ends = new int[1 << 10];
    private char[] characters = new char[1 << 14];

    public int Count { get; private set; }

    public ReadOnlySpan<char> this[int id] => characters.AsSpan(Start(id), ends[id] - Start(id));

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public int Find(ReadOnlySpan<char> word)
    {
        var hash = Hash(word);
        for (var slot = hash & (uint)(slots.Length - 1); slots[slot] != 0; slot = (slot + 1) & (uint)(slots.Length - 1))
        {
            var id = slots[slot] - 1;
            if (hashes[id] == hash && this[id].SequenceEqual(word)) return id;
        }
        return -1;
    }

    public int FindOrAdd(ReadOnlySpan<char> word)
    {
        var id = Find(word);
        if (id >= 0) return id;
        if (Count == ends.Length)
        {
            Array.Resize(ref ends, Count * 2);
            Array.Resize(ref hashes, Count * 2);
        }
        var start = Start(Count);
        while (start + word.Length > characters.Length) Array.Resize(ref characters, checked(characters.Length * 2));
        word.CopyTo(characters.AsSpan(start));
        ends[Count] = start + word.Length;
        hashes[Count] = Hash(word);
        Count++;
        if (Count * 2 > slots.Length) Grow();
        else Insert(Count - 1);
        return Count - 1;
    }

    private void Grow()
    {
        slots = new int[slots.Length * 2];
        for (var id = 0; id < Count; id++) Insert(id);
    }

    private void Insert(int id)
    {
        var slot = hashes[id] & (uint)(slots.Length - 1);
        while (slots[slot] != 0) slot = (slot + 1) & (uint)(slots.Length - 1);
        slots[slot] = id + 1;
    }

    private int Start(int id) => id == 0 ? 0 : ends[id - 1];

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static uint Hash(ReadOnlySpan<char> word)
    {
        var hash = 0x9E3779B97F4A7C15UL ^ (ulong)word.Length;
        for (; word.Length >= 4; word = word[4..]) hash = Mix(hash ^ MemoryMarshal.Read<ulong>(MemoryMarshal.AsBytes(word)));
        foreach (var character in word) hash = Mix(hash ^ character);
        return (uint)(hash >> 32);
    }

    private static ulong Mix(ulong value)
    {
        value *= 0xD6E8FEB86659FD93UL;
        return value ^ (value >> 32);
    }
}
