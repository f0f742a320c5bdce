using System.Globalization;
using System.Text;

namespace Stemma.Text.Chat.Templates;

/// <summary>
/// Text as Python has it, for templates were written against it: white space, numbers and values as Python spells them, characters
/// counted in code points.
/// </summary>
internal static class PythonText
{
    private static readonly Dictionary<char, string> s_upper = new()
    {
        ['ß'] = "SS",
        ['ŉ'] = "ʼN",
        ['ǰ'] = "J̌",
        ['ΐ'] = "Ϊ́",
        ['ΰ'] = "Ϋ́",
        ['և'] = "ԵՒ",
        ['ẖ'] = "H̱",
        ['ẗ'] = "T̈",
        ['ẘ'] = "W̊",
        ['ẙ'] = "Y̊",
        ['ẚ'] = "Aʾ",
        ['ﬀ'] = "FF",
        ['ﬁ'] = "FI",
        ['ﬂ'] = "FL",
        ['ﬃ'] = "FFI",
        ['ﬄ'] = "FFL",
        ['ﬅ'] = "ST",
        ['ﬆ'] = "ST",
    };

    public static bool IsSpace(char c) => char.IsWhiteSpace(c) || c is >= '\x1c' and <= '\x1f';

    public static string TrimStart(string text, string? characters = null)
    {
        var start = 0;
        while (start < text.Length && Trims(text[start], characters)) start++;
        return text[start..];
    }

    public static string TrimEnd(string text, string? characters = null)
    {
        var end = text.Length;
        while (end > 0 && Trims(text[end - 1], characters)) end--;
        return text[..end];
    }

    private static bool Trims(char c, string? characters) => characters is null ? IsSpace(c) : characters.Contains(c, StringComparison.Ordinal);

    public static string Upper(string text) =>
        text.AsSpan().IndexOfAnyExceptInRange('\0', '\x7f') < 0 ? text.ToUpperInvariant() : string.Concat(text.Select(c => s_upper.TryGetValue(c, out var upper) ? upper : c.ToString())).ToUpperInvariant();

    public static string Lower(string text) => text.ToLowerInvariant();

    public static string Capitalize(string text) => text.Length == 0 ? text : First(text, Upper) + Lower(Rest(text));

    /// <summary>Python's <c>str.title</c>: a letter after anything but a letter is large, the others are small.</summary>
    public static string Title(string text)
    {
        var result = new StringBuilder(text.Length);
        var inWord = false;
        foreach (var rune in text.EnumerateRunes())
        {
            var letter = rune.ToString();
            result.Append(inWord ? Lower(letter) : Upper(letter));
            inWord = Rune.IsLetter(rune);
        }

        return result.ToString();
    }

    private static string First(string text, Func<string, string> change) => change(text[..(text.Length - Rest(text).Length)]);

    private static string Rest(string text) => text[(char.IsHighSurrogate(text[0]) && text.Length > 1 && char.IsLowSurrogate(text[1]) ? 2 : 1)..];

    public static int Length(string text)
    {
        var length = text.Length;
        for (var i = 1; i < text.Length; i++)
            if (char.IsSurrogatePair(text[i - 1], text[i])) length--;
        return length;
    }

    /// <summary>The characters, each a string.</summary>
    public static List<object?> Characters(string text)
    {
        List<object?> characters = new(text.Length);
        for (var i = 0; i < text.Length; i++)
        {
            var length = i + 1 < text.Length && char.IsSurrogatePair(text[i], text[i + 1]) ? 2 : 1;
            characters.Add(text.Substring(i, length));
            i += length - 1;
        }

        return characters;
    }

    /// <summary>Order by code point; UTF-16's own order differs where one side has a surrogate pair.</summary>
    public static int Compare(string left, string right)
    {
        var length = Math.Min(left.Length, right.Length);
        for (var i = 0; i < length; i++)
        {
            if (left[i] == right[i]) continue;
            var (isLeftPair, isRightPair) = (char.IsSurrogate(left[i]), char.IsSurrogate(right[i]));
            return isLeftPair != isRightPair ? isLeftPair.CompareTo(isRightPair) : left[i].CompareTo(right[i]);
        }

        return left.Length.CompareTo(right.Length);
    }

    /// <summary>A number with a fraction, in the fewest digits that read back equal.</summary>
    public static string Spell(double value)
    {
        if (double.IsNaN(value)) return "nan";
        if (double.IsInfinity(value)) return value > 0 ? "inf" : "-inf";
        var shortest = value.ToString("R", CultureInfo.InvariantCulture);
        var mark = shortest.IndexOf('E', StringComparison.Ordinal);
        if (mark < 0 && Math.Abs(value) >= 1e16)
        {
            var (sign, digits) = value < 0 ? ("-", shortest[1..]) : ("", shortest);
            var mantissa = digits.TrimEnd('0');
            return $"{sign}{mantissa[0]}{(mantissa.Length > 1 ? "." : "")}{mantissa[1..]}e+{digits.Length - 1:00}";
        }

        if (mark < 0) return shortest.Contains('.', StringComparison.Ordinal) ? shortest : shortest + ".0";
        var exponent = int.Parse(shortest.AsSpan(mark + 1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
        if (exponent is >= -4 and < 16) return decimal.Parse(shortest, NumberStyles.Float, CultureInfo.InvariantCulture).ToString(CultureInfo.InvariantCulture) + ".0";
        return $"{shortest[..mark]}e{(exponent < 0 ? '-' : '+')}{Math.Abs(exponent):00}";
    }

    /// <summary>A string as Python shows it inside a list: in quotes, with what does not print escaped.</summary>
    public static string Repr(string text)
    {
        var quote = text.Contains('\'', StringComparison.Ordinal) && !text.Contains('"', StringComparison.Ordinal) ? '"' : '\'';
        var result = new StringBuilder().Append(quote);
        foreach (var rune in text.EnumerateRunes())
        {
            switch (rune.Value)
            {
                case '\\': result.Append("\\\\"); break;
                case '\n': result.Append("\\n"); break;
                case '\r': result.Append("\\r"); break;
                case '\t': result.Append("\\t"); break;
                case var value when value == quote: result.Append('\\').Append(quote); break;
                case ' ': result.Append(' '); break;
                case var value when !IsPrintable(rune):
                    result.Append(value < 0x100 ? $"\\x{value:x2}" : value < 0x10000 ? $"\\u{value:x4}" : $"\\U{value:x8}");
                    break;
                default: result.Append(rune.ToString()); break;
            }
        }

        return result.Append(quote).ToString();
    }

    private static bool IsPrintable(Rune rune) => Rune.GetUnicodeCategory(rune) is not (UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.Surrogate
        or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator or UnicodeCategory.SpaceSeparator);
}
