using System.Globalization;

namespace Stemma.Text.Tokenizers.Patterns;

/// <summary>A text with one UTF-16 code unit per character: those outside the basic plane are replaced by one inside of the same general category.</summary>
internal sealed class StandInText
{
    private static readonly char[] StandIns = Build();
    private readonly char[] chars;
    private readonly int[] positions;
    private readonly int length;

    public StandInText(ReadOnlySpan<char> text)
    {
        chars = new char[text.Length];
        positions = new int[text.Length + 1];
        for (var at = 0; at < text.Length;)
        {
            positions[length] = at;
            if (char.IsHighSurrogate(text[at]) && at + 1 < text.Length && char.IsLowSurrogate(text[at + 1]))
            {
                chars[length++] = StandIns[(int)CharUnicodeInfo.GetUnicodeCategory(char.ConvertToUtf32(text[at], text[at + 1]))];
                at += 2;
            }
            else
            {
                chars[length++] = text[at++];
            }
        }

        positions[length] = text.Length;
    }

    public ReadOnlySpan<char> Chars => chars.AsSpan(0, length);

    /// <summary>Where a code unit of <see cref="Chars"/> stands in the text.</summary>
    public int Position(int index) => positions[index];

    // The last of each category: rarely the end of a range an expression spells out, and mostly without case.
    private static char[] Build()
    {
        var standIns = new char[30];
        for (var code = 0; code <= char.MaxValue; code++) standIns[(int)CharUnicodeInfo.GetUnicodeCategory(code)] = (char)code;
        return standIns;
    }
}
