using System.Globalization;

namespace Stemma.Text.Tokenizers.Training;

/// <summary>BERT's words: runs between white space, each punctuation mark and each Han character apart. White space itself is no word (it comes out as one of spaces alone).</summary>
internal readonly struct BertWords : IWordDivision
{
    public static string Prefix => "";

    public static int WordEnd(ReadOnlySpan<char> text, int start)
    {
        if (IsAlone(text[start])) return start + 1;
        var isSpace = char.IsWhiteSpace(text[start]);
        var at = start + 1;
        while (at < text.Length && char.IsWhiteSpace(text[at]) == isSpace && !IsAlone(text[at])) at++;
        return at;
    }

    public static int CutPoint(ReadOnlySpan<char> text, int limit)
    {
        for (var at = Math.Min(limit, text.Length - 1); at > 0; at--)
            if (char.IsWhiteSpace(text[at])) return at;
        return 0;
    }

    private static bool IsAlone(char c) => c is (>= '!' and <= '/') or (>= ':' and <= '@') or (>= '[' and <= '`') or (>= '{' and <= '~') or (>= '\u4E00' and <= '\u9FFF') or (>= '\u3400' and <= '\u4DBF') or (>= '\uF900' and <= '\uFAFF')
        || CharUnicodeInfo.GetUnicodeCategory(c) is >= UnicodeCategory.ConnectorPunctuation and <= UnicodeCategory.OtherPunctuation;
}
