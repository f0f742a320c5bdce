using System.Globalization;
using System.Text;

namespace Stemma.Evaluation.Metrics;

/// <summary>Words and characters as the published measures see them: white space as in Python, characters as code points.</summary>
internal static class Words
{
    /// <summary>The words between white space.</summary>
    public static string[] Split(string text)
    {
        List<string> words = [];
        var start = -1;
        for (var i = 0; i <= text.Length; i++)
        {
            var between = i == text.Length || IsSpace(text[i]);
            if (!between && start < 0) start = i;
            if (!between || start < 0) continue;
            words.Add(text[start..i]);
            start = -1;
        }
        return [.. words];
    }

    /// <summary>Without white space at its end.</summary>
    public static string TrimEnd(string text)
    {
        var end = text.Length;
        while (end > 0 && IsSpace(text[end - 1])) end--;
        return text[..end];
    }

    /// <summary>The code points, a text each.</summary>
    public static string[] Characters(string text) => [.. text.EnumerateRunes().Select(rune => rune.ToString())];

    /// <summary>Whether a code point belongs to Unicode's punctuation.</summary>
    public static bool IsPunctuation(Rune rune) => Rune.GetUnicodeCategory(rune) is >= UnicodeCategory.ConnectorPunctuation and <= UnicodeCategory.OtherPunctuation;

    /// <summary>Whether a code point belongs to Unicode's symbols.</summary>
    public static bool IsSymbol(Rune rune) => Rune.GetUnicodeCategory(rune) is >= UnicodeCategory.MathSymbol and <= UnicodeCategory.OtherSymbol;

    /// <summary>Whether a code point belongs to Unicode's numbers.</summary>
    public static bool IsNumber(Rune rune) => Rune.GetUnicodeCategory(rune) is UnicodeCategory.DecimalDigitNumber or UnicodeCategory.LetterNumber or UnicodeCategory.OtherNumber;

    // .NET takes the four separators of ASCII, U+001C to U+001F, for letters.
    private static bool IsSpace(char c) => char.IsWhiteSpace(c) || c is >= '\u001c' and <= '\u001f';
}
