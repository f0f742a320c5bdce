using System.Globalization;
using System.Text;

namespace Stemma.Text.Tokenizers.PreTokenizers;

/// <summary><c>\w</c> of Unicode Technical Standard #18: alphabetic characters, marks, decimal digits, connectors, joiners.</summary>
internal static class WordCharacters
{
    public static bool Contains(Rune rune) => rune.IsAscii
        ? char.IsAsciiLetterOrDigit((char)rune.Value) || rune.Value == '_'
        : CharUnicodeInfo.GetUnicodeCategory(rune.Value) is <= UnicodeCategory.OtherLetter or UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark
            or UnicodeCategory.EnclosingMark or UnicodeCategory.DecimalDigitNumber or UnicodeCategory.LetterNumber or UnicodeCategory.ConnectorPunctuation
          || rune.Value is 0x200C or 0x200D or (>= 0x24B6 and <= 0x24E9) or (>= 0x1F130 and <= 0x1F149) or (>= 0x1F150 and <= 0x1F169) or (>= 0x1F170 and <= 0x1F189);

    /// <summary>Whether a text begins with a word character.</summary>
    public static bool Begin(ReadOnlySpan<char> text)
    {
        if (text.IsEmpty) return false;
        Rune.DecodeFromUtf16(text, out var rune, out _);
        return Contains(rune);
    }

    /// <summary>Whether a text ends with a word character.</summary>
    public static bool End(ReadOnlySpan<char> text)
    {
        if (text.IsEmpty) return false;
        Rune.DecodeLastFromUtf16(text, out var rune, out _);
        return Contains(rune);
    }
}
