using System.Buffers.Binary;

namespace Stemma.Text.Tokenizers.Normalizers;

/// <summary>
/// SentencePiece's compiled map of character sequences to replacements: the size of a double-array trie (Aoe 1989, in the layout of
/// darts-clone), the trie's 32-bit units, and the replacements, each ended by a zero byte. All in UTF-8 and little-endian.
/// </summary>
internal sealed class CharsMap
{
    private readonly uint[] units;
    private readonly byte[] replacements;

    /// <exception cref="TextFormatException">The data is cut off or its sizes disagree.</exception>
    public CharsMap(byte[] data)
    {
        Data = data;
        var size = data.Length < 4 ? -1L : BinaryPrimitives.ReadUInt32LittleEndian(data);
        if (size < 4 || size % 4 != 0 || size > data.Length - 4)
            throw new TextFormatException($"says its trie has {size} bytes, but there are {Math.Max(0, data.Length - 4)} in all.");
        units = new uint[size / 4];
        for (var i = 0; i < units.Length; i++) units[i] = BinaryPrimitives.ReadUInt32LittleEndian(data.AsSpan(4 + 4 * i));
        replacements = data[(int)(4 + size)..];
        if (replacements.Length > 0 && replacements[^1] != 0) throw new TextFormatException("ends inside a replacement.");
    }

    /// <summary>The map as it was read.</summary>
    public byte[] Data { get; }

    /// <summary>Whether an entry is the beginning of <paramref name="key"/>.</summary>
    /// <param name="key">UTF-8.</param>
    /// <param name="longest">Whether to take the longest entry, as SentencePiece does, or the shortest, as Hugging Face's library does.</param>
    /// <param name="length">The length of the entry, in bytes.</param>
    /// <param name="replacement">What stands for it.</param>
    public bool TryMatch(ReadOnlySpan<byte> key, bool longest, out int length, out ReadOnlySpan<byte> replacement)
    {
        length = 0;
        replacement = default;
        var found = false;
        var position = Offset(units[0]);
        for (var i = 0; i < key.Length && key[i] != 0; i++)
        {
            position ^= key[i];
            if (position >= units.Length) break;
            var unit = units[position];
            if ((unit & 0x800000FF) != key[i]) break;
            position ^= Offset(unit);
            if (position >= units.Length) break;
            if ((unit & 0x100) == 0) continue;
            var start = (int)Math.Min(units[position] & 0x7FFFFFFF, (uint)replacements.Length);
            var end = replacements.AsSpan(start).IndexOf((byte)0);
            if (end < 0) break;
            (found, length) = (true, i + 1);
            replacement = replacements.AsSpan(start, end);
            if (!longest) break;
        }

        return found;
    }

    private static uint Offset(uint unit) => (unit >> 10) << (int)((unit & 0x200) >> 6);
}
