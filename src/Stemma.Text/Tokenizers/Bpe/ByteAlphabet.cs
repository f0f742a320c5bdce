using System.Text;
using Stemma.Text.Tokenizers.Normalizers;

namespace Stemma.Text.Tokenizers.Bpe;

/// <summary>
/// GPT-2's printable spelling of bytes (Radford et al. 2019, <c>bytes_to_unicode</c>): the 188 bytes that are visible Latin-1
/// characters stand for themselves; the other 68, in order, are U+0100 … U+0143 (a space is <c>Ġ</c>).
/// </summary>
internal static class ByteAlphabet
{
    private static readonly char[] ByteToChar = Build();
    private static readonly Dictionary<char, byte> CharToByte = Enumerable.Range(0, 256).ToDictionary(value => ByteToChar[value], value => (byte)value);

    /// <summary>The bytes in the order of their spelling, which is the order of GPT-2's first 256 ids.</summary>
    public static IReadOnlyList<byte> InOrder { get; } = [.. Enumerable.Range(0, 256).Select(value => (byte)value).OrderBy(value => ByteToChar[value])];

    public static string Spell(ReadOnlySpan<byte> bytes)
    {
        Span<char> spelling = bytes.Length <= 128 ? stackalloc char[bytes.Length] : new char[bytes.Length];
        Spell(bytes, spelling);
        return new string(spelling);
    }

    /// <summary>Writes the spelling of bytes, a character for each.</summary>
    public static void Spell(ReadOnlySpan<byte> bytes, Span<char> spelling)
    {
        for (var i = 0; i < bytes.Length; i++) spelling[i] = ByteToChar[bytes[i]];
    }

    /// <summary>
    /// Emits the spelling of a stretch of a text. Each character stands for one byte of the original where the text's character is the original's, byte
    /// for byte; otherwise for all of what the character comes from.
    /// </summary>
    public static void Spell(NormalizedText text, int start, int end)
    {
        Span<byte> utf8 = stackalloc byte[4];
        var chars = text.Chars;
        for (var at = start; at < end;)
        {
            Rune.DecodeFromUtf16(chars[at..end], out var rune, out var length);
            var bytes = rune.EncodeToUtf8(utf8);
            var origin = text.IsAligned ? text.Origin(at, at + length) : default;
            for (var i = 0; i < bytes; i++)
                text.EmitByte(ByteToChar[utf8[i]], origin.End - origin.Start == bytes ? (origin.Start + i, origin.Start + i + 1) : origin);
            at += length;
        }
    }

    /// <summary>The bytes of a spelling; null when a character spells no byte.</summary>
    public static byte[]? Read(string spelling)
    {
        var bytes = new byte[spelling.Length];
        for (var i = 0; i < bytes.Length; i++)
            if (!CharToByte.TryGetValue(spelling[i], out bytes[i])) return null;
        return bytes;
    }

    private static char[] Build()
    {
        var table = new char[256];
        var next = '\u0100';
        for (var value = 0; value < 256; value++)
            table[value] = value is (>= '!' and <= '~') or (>= 0xA1 and <= 0xAC) or (>= 0xAE and <= 0xFF) ? (char)value : next++;
        return table;
    }
}
