using System.Text;
using System.Text.RegularExpressions;

namespace Stemma.Evaluation.Metrics.Translation;

/// <summary>How BLEU cuts a segment into words: sacreBLEU's names.</summary>
public enum BleuTokenizer
{
    /// <summary><c>13a</c>: that of WMT's mteval-v13a; the usual one.</summary>
    Mteval13a,

    /// <summary><c>intl</c>: that of mteval-v14, by Unicode's classes of characters.</summary>
    International,

    /// <summary><c>char</c>: a word per character.</summary>
    Characters,

    /// <summary><c>none</c>: the text is cut into words already.</summary>
    None,
}

/// <summary>The tokenizers themselves.</summary>
internal static partial class BleuTokenizers
{
    public static string Name(BleuTokenizer tokenizer) => tokenizer switch
    {
        BleuTokenizer.Mteval13a => "13a",
        BleuTokenizer.International => "intl",
        BleuTokenizer.Characters => "char",
        _ => "none",
    };

    public static string[] Split(BleuTokenizer tokenizer, string text) => Words.Split(tokenizer switch
    {
        BleuTokenizer.Mteval13a => Mteval13a(text),
        BleuTokenizer.International => International(text),
        BleuTokenizer.Characters => string.Join(' ', Words.Characters(text)),
        _ => text,
    });

    private static string Mteval13a(string text)
    {
        text = text.Replace("<skipped>", "", StringComparison.Ordinal).Replace("-\n", "", StringComparison.Ordinal).Replace('\n', ' ');
        text = text.Replace("&quot;", "\"", StringComparison.Ordinal).Replace("&amp;", "&", StringComparison.Ordinal).Replace("&lt;", "<", StringComparison.Ordinal).Replace("&gt;", ">", StringComparison.Ordinal);
        return SeparatePunctuation($" {text} ");
    }

    /// <summary>Puts spaces around punctuation; a full stop, comma or hyphen within a number stays.</summary>
    public static string SeparatePunctuation(string text)
    {
        text = AsciiPunctuation().Replace(text, " $1 ");
        text = PeriodAfterNoDigit().Replace(text, "$1 $2 ");
        text = PeriodBeforeNoDigit().Replace(text, " $1 $2");
        return HyphenAfterDigit().Replace(text, "$1 $2 ");
    }

    private static string International(string text)
    {
        Rune[] runes = [.. text.EnumerateRunes()];
        runes = Pairs(runes, rune => !Words.IsNumber(rune), Words.IsPunctuation, spaceAfter: true);
        runes = Pairs(runes, Words.IsPunctuation, rune => !Words.IsNumber(rune), spaceAfter: false);
        var result = new StringBuilder();
        foreach (var rune in runes)
        {
            if (Words.IsSymbol(rune)) result.Append(' ').Append(rune.ToString()).Append(' ');
            else result.Append(rune.ToString());
        }
        return result.ToString();
    }

    /// <summary>Puts a space between two neighbours of given kinds, and one after or before them; pairs do not overlap.</summary>
    private static Rune[] Pairs(Rune[] runes, Func<Rune, bool> first, Func<Rune, bool> second, bool spaceAfter)
    {
        List<Rune> result = new(2 * runes.Length);
        var space = new Rune(' ');
        for (var i = 0; i < runes.Length; i++)
        {
            if (i + 1 == runes.Length || !first(runes[i]) || !second(runes[i + 1]))
            {
                result.Add(runes[i]);
                continue;
            }
            result.AddRange(spaceAfter ? [runes[i], space, runes[i + 1], space] : [space, runes[i], space, runes[i + 1]]);
            i++;
        }
        return [.. result];
    }

    [GeneratedRegex(@"([{-~\[-` -&(-+:-@/])", RegexOptions.CultureInvariant)]
    private static partial Regex AsciiPunctuation();

    [GeneratedRegex(@"([^0-9])([.,])", RegexOptions.CultureInvariant)]
    private static partial Regex PeriodAfterNoDigit();

    [GeneratedRegex(@"([.,])([^0-9])", RegexOptions.CultureInvariant)]
    private static partial Regex PeriodBeforeNoDigit();

    [GeneratedRegex(@"([0-9])(-)", RegexOptions.CultureInvariant)]
    private static partial Regex HyphenAfterDigit();
}
