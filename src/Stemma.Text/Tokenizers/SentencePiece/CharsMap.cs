using System.Buffers.Binary;

namespace Stemma.Text.Tokenizers.SentencePiece;

/// <summary>
/// SentencePiece's compiled table of replacements: a double-array trie (Aoe 1989, in the layout of darts-clone) from UTF-8 to places in a
/// block of strings that each end in 0. At every place of a text the longest key that matches is replaced.
/// </summary>
internal sealed class CharsMap
{
    private const int MaxMatches = 32;

    private readonly uint[] units;
    private readonly byte[] strings;

    /// <summary>Reads a table.</summary>
    /// <param name="blob">The size of the trie in bytes, the trie, the strings.</param>
    /// <param name="name">What complaints call the model.</param>
    /// <exception cref="TextFormatException">The sizes do not fit together.</exception>
    public CharsMap(ReadOnlyMemory<byte> blob, string name)
    {
        var bytes = blob.Span;
        var size = bytes.Length >= 4 ? BinaryPrimitives.ReadUInt32LittleEndian(bytes) : uint.MaxValue;
        if (size > bytes.Length - 4 || size % 4 != 0 || size == 0) throw new TextFormatException($"{name}: the table of replacements (precompiled_charsmap) is damaged.");
        units = new uint[size / 4];
        for (var i = 0; i < units.Length; i++) units[i] = BinaryPrimitives.ReadUInt32LittleEndian(bytes[(4 + i * 4)..]);
        strings = bytes[(4 + (int)size)..].ToArray();
    }

    /// <summary>The length of the longest key at the start of a text, and what replaces it; 0 when there is none.</summary>
    public int Match(ReadOnlySpan<byte> text, out ReadOnlySpan<byte> replacement)
    {
        replacement = default;
        var (length, matches) = (0, 0);
        var node = Offset(units[0]);
        for (var i = 0; i < text.Length && matches < MaxMatches; i++)
        {
            node ^= text[i];
            if (node >= units.Length) break;
            var unit = units[node];
            if ((unit & 0x800000FFu) != text[i]) break;
            node ^= Offset(unit);
            if (((unit >> 8) & 1) == 0) continue;
            if (node >= units.Length) break;
            var start = units[node] & 0x7FFFFFFF;
            if (start >= strings.Length) break;
            var rest = strings.AsSpan((int)start);
            var end = rest.IndexOf((byte)0);
            replacement = end < 0 ? rest : rest[..end];
            length = i + 1;
            matches++;
        }

        return length;
    }

    private static uint Offset(uint unit) => (unit >> 10) << (int)((unit & (1 << 9)) >> 6);
}
