using System.Globalization;
using System.Runtime.CompilerServices;

namespace Stemma.Text.Tokenizers.Patterns;

/// <summary>What the published expressions ask of a character.</summary>
[Flags]
internal enum CharacterFlag : byte
{
    /// <summary>None of these: punctuation, symbols, controls.</summary>
    None = 0,

    /// <summary><c>\p{L}</c>.</summary>
    Letter = 1,

    /// <summary><c>\p{N}</c>.</summary>
    Number = 2,

    /// <summary><c>\s</c>: Unicode White_Space.</summary>
    Space = 4,

    /// <summary>Carriage return and line feed.</summary>
    Newline = 8,

    /// <summary><c>[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]</c>.</summary>
    UpperSet = 16,

    /// <summary><c>[\p{Ll}\p{Lm}\p{Lo}\p{M}]</c>.</summary>
    LowerSet = 32,
}

/// <summary>Flags by code point, from the Unicode tables inside .NET's own library (not the system's ICU).</summary>
internal static class CharacterFlags
{
    private static readonly CharacterFlag[] BasicPlane = Build();

    /// <summary>The flags of a UTF-16 code unit; none for a surrogate.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static CharacterFlag OfUnit(char unit) => BasicPlane[unit];

    /// <summary>The flags of the character at <paramref name="position"/> and its length in UTF-16 code units.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static CharacterFlag At(ReadOnlySpan<char> text, int position, out int length)
    {
        var first = text[position];
        length = 1;
        return char.IsSurrogate(first) ? OfPair(text, position, out length) : BasicPlane[first];
    }

    private static CharacterFlag OfPair(ReadOnlySpan<char> text, int position, out int length)
    {
        length = 1;
        if (!char.IsHighSurrogate(text[position]) || position + 1 >= text.Length || !char.IsLowSurrogate(text[position + 1])) return CharacterFlag.None;
        length = 2;
        return Of(char.ConvertToUtf32(text[position], text[position + 1]));
    }

    private static CharacterFlag Of(int code) => CharUnicodeInfo.GetUnicodeCategory(code) switch
    {
        UnicodeCategory.UppercaseLetter or UnicodeCategory.TitlecaseLetter => CharacterFlag.Letter | CharacterFlag.UpperSet,
        UnicodeCategory.LowercaseLetter => CharacterFlag.Letter | CharacterFlag.LowerSet,
        UnicodeCategory.ModifierLetter or UnicodeCategory.OtherLetter => CharacterFlag.Letter | CharacterFlag.UpperSet | CharacterFlag.LowerSet,
        UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark or UnicodeCategory.EnclosingMark => CharacterFlag.UpperSet | CharacterFlag.LowerSet,
        UnicodeCategory.DecimalDigitNumber or UnicodeCategory.LetterNumber or UnicodeCategory.OtherNumber => CharacterFlag.Number,
        UnicodeCategory.SpaceSeparator or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator => CharacterFlag.Space,
        _ when code is '\r' or '\n' => CharacterFlag.Space | CharacterFlag.Newline,
        _ => code is (>= 0x09 and <= 0x0D) or 0x85 ? CharacterFlag.Space : CharacterFlag.None,
    };

    private static CharacterFlag[] Build()
    {
        var flags = new CharacterFlag[0x10000];
        for (var code = 0; code < flags.Length; code++) flags[code] = Of(code);
        return flags;
    }
}
