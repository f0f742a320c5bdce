namespace Stemma.Text.Corpora.Readers;

/// <summary>The encoding that browsers take Latin-1 for; the five bytes it leaves undefined stand for themselves.</summary>
public static class Windows1252
{
    private const string High = "\u20AC\u0081\u201A\u0192\u201E\u2026\u2020\u2021\u02C6\u2030\u0160\u2039\u0152\u008D\u017D\u008F\u0090\u2018\u2019\u201C\u201D\u2022\u2013\u2014\u02DC\u2122\u0161\u203A\u0153\u009D\u017E\u0178";

    /// <summary>Bytes as text; every byte has a character.</summary>
    public static string Decode(ReadOnlySpan<byte> bytes)
    {
        var characters = new char[bytes.Length];
        for (var i = 0; i < bytes.Length; i++) characters[i] = bytes[i] is >= 0x80 and < 0xA0 ? High[bytes[i] - 0x80] : (char)bytes[i];
        return new(characters);
    }

    /// <summary>The byte that a character stands for; −1 where it has none.</summary>
    public static int ByteOf(char character)
    {
        if (character < 0x80 || character is >= '\u00A0' and <= '\u00FF') return character;
        var at = High.IndexOf(character, StringComparison.Ordinal);
        return at >= 0 ? 0x80 + at : character is >= '\u0080' and < '\u00A0' ? character : -1;
    }
}
