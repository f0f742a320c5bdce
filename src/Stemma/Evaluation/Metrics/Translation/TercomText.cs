using System.Text.RegularExpressions;

namespace Stemma.Evaluation.Metrics.Translation;

/// <summary>How Tercom prepares a segment.</summary>
internal static partial class TercomText
{
    /// <summary>Cuts punctuation off words, and East Asian characters from each other.</summary>
    public static string Normalize(string text, bool asian)
    {
        text = text.Replace("\n-", "", StringComparison.Ordinal).Replace('\n', ' ');
        text = text.Replace("&quot;", "\"", StringComparison.Ordinal).Replace("&amp;", "&", StringComparison.Ordinal).Replace("&lt;", "<", StringComparison.Ordinal).Replace("&gt;", ">", StringComparison.Ordinal);
        text = AsciiPunctuation().Replace($" {text} ", " $1 ");
        text = PossessiveWithin().Replace(text, " 's ");
        text = PossessiveAtEnd().Replace(text, " 's");
        text = PeriodAfterNoDigit().Replace(text, "$1 $2 ");
        text = PeriodBeforeNoDigit().Replace(text, " $1 $2");
        text = HyphenAfterDigit().Replace(text, "$1 $2 ");
        if (!asian) return text;
        foreach (var block in (Regex[])[Ideographs(), Strokes(), Compatibility(), Enclosed()]) text = block.Replace(text, " $1 ");
        foreach (var kana in (Regex[])[Hiragana(), Katakana(), KatakanaExtensions()]) text = kana.Replace(text, "$1 $2 ");
        return FullWidthPunctuation().Replace(AsianPunctuation().Replace(text, " $1 "), " $1 ");
    }

    /// <summary>Leaves punctuation out.</summary>
    public static string WithoutPunctuation(string text, bool asian)
    {
        text = Marks().Replace(text, "");
        return asian ? FullWidthPunctuation().Replace(AsianPunctuation().Replace(text, ""), "") : text;
    }

    [GeneratedRegex(@"([{-~\[-` -&(-+:-@/])", RegexOptions.CultureInvariant)]
    private static partial Regex AsciiPunctuation();

    [GeneratedRegex("'s ", RegexOptions.CultureInvariant)]
    private static partial Regex PossessiveWithin();

    [GeneratedRegex("'s$", RegexOptions.CultureInvariant)]
    private static partial Regex PossessiveAtEnd();

    [GeneratedRegex(@"([^0-9])([.,])", RegexOptions.CultureInvariant)]
    private static partial Regex PeriodAfterNoDigit();

    [GeneratedRegex(@"([.,])([^0-9])", RegexOptions.CultureInvariant)]
    private static partial Regex PeriodBeforeNoDigit();

    [GeneratedRegex(@"([0-9])(-)", RegexOptions.CultureInvariant)]
    private static partial Regex HyphenAfterDigit();

    [GeneratedRegex(@"([\u4e00-\u9fff\u3400-\u4dbf])", RegexOptions.CultureInvariant)]
    private static partial Regex Ideographs();

    [GeneratedRegex(@"([\u31c0-\u31ef\u2e80-\u2eff])", RegexOptions.CultureInvariant)]
    private static partial Regex Strokes();

    [GeneratedRegex(@"([\u3300-\u33ff\uf900-\ufaff\ufe30-\ufe4f])", RegexOptions.CultureInvariant)]
    private static partial Regex Compatibility();

    // The range ends where the original's does, far beyond the block.
    [GeneratedRegex(@"([\u3200-\u3f22])", RegexOptions.CultureInvariant)]
    private static partial Regex Enclosed();

    [GeneratedRegex(@"(^|^[\u3040-\u309f])([\u3040-\u309f]+)(?=$|^[\u3040-\u309f])", RegexOptions.CultureInvariant)]
    private static partial Regex Hiragana();

    [GeneratedRegex(@"(^|^[\u30a0-\u30ff])([\u30a0-\u30ff]+)(?=$|^[\u30a0-\u30ff])", RegexOptions.CultureInvariant)]
    private static partial Regex Katakana();

    [GeneratedRegex(@"(^|^[\u31f0-\u31ff])([\u31f0-\u31ff]+)(?=$|^[\u31f0-\u31ff])", RegexOptions.CultureInvariant)]
    private static partial Regex KatakanaExtensions();

    [GeneratedRegex(@"([\u3001\u3002\u3008-\u3011\u3014-\u301f\uff61-\uff65\u30fb])", RegexOptions.CultureInvariant)]
    private static partial Regex AsianPunctuation();

    [GeneratedRegex(@"([\uff0e\uff0c\uff1f\uff1a\uff1b\uff01\uff02\uff08\uff09])", RegexOptions.CultureInvariant)]
    private static partial Regex FullWidthPunctuation();

    [GeneratedRegex(@"[.,?:;!""()]", RegexOptions.CultureInvariant)]
    private static partial Regex Marks();
}
