using System.Globalization;

namespace Stemma.Text.Tokenizers.PreTokenizers;

/// <summary>The four kinds of character that GPT-2's pattern tells apart.</summary>
internal enum CharacterClass : byte
{
    /// <summary>Neither white space nor letter nor number: punctuation, symbols, marks, controls.</summary>
    Other,

    /// <summary><c>\s</c>: Unicode White_Space.</summary>
    Space,

    /// <summary><c>\p{L}</c>.</summary>
    Letter,

    /// <summary><c>\p{N}</c>.</summary>
    Number,
}

/// <summary>Character classes by code point, from the Unicode tables inside .NET's own library (not the system's ICU).</summary>
internal static class CharacterClasses
{
    private static readonly CharacterClass[] BasicPlane = BuildBasicPlane();

    /// <summary>The class of the character at <paramref name="position"/> and its length in UTF-16 code units.</summary>
    public static CharacterClass At(ReadOnlySpan<char> text, int position, out int length)
    {
        var first = text[position];
        length = 1;
        if (!char.IsHighSurrogate(first) || position + 1 >= text.Length || !char.IsLowSurrogate(text[position + 1])) return BasicPlane[first];
        length = 2;
        return Of(char.ConvertToUtf32(first, text[position + 1]));
    }

    public static bool IsSpace(char character) => BasicPlane[character] == CharacterClass.Space;

    private static CharacterClass Of(int codePoint) => CharUnicodeInfo.GetUnicodeCategory(codePoint) switch
    {
        <= UnicodeCategory.OtherLetter => CharacterClass.Letter,
        >= UnicodeCategory.DecimalDigitNumber and <= UnicodeCategory.OtherNumber => CharacterClass.Number,
        >= UnicodeCategory.SpaceSeparator and <= UnicodeCategory.ParagraphSeparator => CharacterClass.Space,
        _ => codePoint is (>= 0x09 and <= 0x0D) or 0x85 ? CharacterClass.Space : CharacterClass.Other,
    };

    private static CharacterClass[] BuildBasicPlane()
    {
        var classes = new CharacterClass[0x10000];
        for (var codePoint = 0; codePoint < classes.Length; codePoint++) classes[codePoint] = Of(codePoint);
        return classes;
    }
}
