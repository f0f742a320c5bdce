using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Stemma.Text.Tokenizers.Models;

/// <summary>
/// Words already encoded and their ids, in a bounded table: a word has two places, a new one takes the second when both are taken, and all is
/// forgotten when the memory for spellings is full. Serves one thread at a time.
/// </summary>
internal sealed class WordCache
{
    /// <summary>Longer words, in UTF-16 code units, are not kept.</summary>
    public const int LongestWord = 48;

    private const int Bits = 16;
    private const int MostCharacters = 1 << 19;
    private const int MostIds = 1 << 18;
    private readonly Slot[] slots = new Slot[1 << Bits];
    private char[] characters = new char[1 << 12];
    private int[] ids = new int[1 << 12];
    private int characterCount;
    private int idCount;

    /// <summary>A hash of a word; never 0.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Hash(ReadOnlySpan<char> word)
    {
        const ulong Prime = 0x9E3779B97F4A7C15;
        var hash = (ulong)word.Length * 0xC2B2AE3D27D4EB4F;
        ref var first = ref Unsafe.As<char, byte>(ref MemoryMarshal.GetReference(word));
        var bytes = word.Length * 2;
        if (bytes >= 8)
        {
            for (var at = 0; at < bytes - 8; at += 8) hash = BitOperations.RotateLeft((hash ^ Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref first, at))) * Prime, 29);
            hash = (hash ^ Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref first, bytes - 8))) * Prime;
        }
        else if (bytes > 0)
        {
            hash = (hash ^ word[0] ^ ((ulong)word[^1] << 16) ^ ((ulong)word[word.Length / 2] << 32)) * Prime;
        }

        return (hash ^ (hash >> 32)) | 1;
    }

    /// <summary>Appends the ids of a word when it is known; how many they are, −1 when it is not known.</summary>
    /// <param name="word">The word.</param>
    /// <param name="hash">Its hash.</param>
    /// <param name="destination">Where the ids go; null when they are only counted.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int Append(ReadOnlySpan<char> word, ulong hash, List<int>? destination)
    {
        ref var slot = ref Find(word, hash);
        if (Unsafe.IsNullRef(ref slot)) return -1;
        if (destination is null) return slot.IdCount;
        if (slot.IdCount == 1) destination.Add(slot.Ids);
        else destination.AddRange(ids.AsSpan(slot.Ids, slot.IdCount));
        return slot.IdCount;
    }

    /// <summary>Keeps a word that is not known.</summary>
    public void Add(ReadOnlySpan<char> word, ulong hash, ReadOnlySpan<int> encoded)
    {
        if (word.Length > LongestWord) return;
        if (characterCount + word.Length > MostCharacters || idCount + encoded.Length > MostIds)
        {
            Array.Clear(slots);
            (characterCount, idCount) = (0, 0);
        }

        ref var slot = ref slots[Place(hash)];
        if (slot.Hash != 0) slot = ref slots[Place(hash) ^ 1];
        slot = new Slot { Hash = hash, Characters = characterCount, Length = (ushort)word.Length, IdCount = (ushort)encoded.Length, Ids = encoded.Length == 1 ? encoded[0] : idCount };
        Reserve(ref characters, characterCount + word.Length);
        word.CopyTo(characters.AsSpan(characterCount));
        characterCount += word.Length;
        if (encoded.Length == 1) return;
        Reserve(ref ids, idCount + encoded.Length);
        encoded.CopyTo(ids.AsSpan(idCount));
        idCount += encoded.Length;
    }

    private static int Place(ulong hash) => (int)(hash >> (64 - Bits));

    private static void Reserve<T>(ref T[] array, int length)
    {
        if (array.Length < length) Array.Resize(ref array, Math.Max(length, array.Length * 2));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private ref Slot Find(ReadOnlySpan<char> word, ulong hash)
    {
        var place = Place(hash);
        ref var slot = ref slots[place];
        if (slot.Hash == hash && word.SequenceEqual(characters.AsSpan(slot.Characters, slot.Length))) return ref slot;
        slot = ref slots[place ^ 1];
        if (slot.Hash == hash && word.SequenceEqual(characters.AsSpan(slot.Characters, slot.Length))) return ref slot;
        return ref Unsafe.NullRef<Slot>();
    }

    private struct Slot
    {
        public ulong Hash;
        public int Characters;
        public int Ids;
        public ushort Length;
        public ushort IdCount;
    }
}
