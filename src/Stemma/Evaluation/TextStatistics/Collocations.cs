using Stemma.Evaluation.Statistics;
using Stemma.Numerics.Distributions;

namespace Stemma.Evaluation.TextStatistics;

/// <summary>Two words that stand beside each other more often than by chance.</summary>
/// <param name="First">The word before.</param>
/// <param name="Second">The word after.</param>
/// <param name="Count">How often.</param>
/// <param name="Expected">How often by chance.</param>
/// <param name="Bits">Pointwise mutual information: log₂ of how many times more often. Church &amp; Hanks 1990.</param>
/// <param name="Test">Pearson's χ² of the two words' independence. Manning &amp; Schütze 1999, section 5.3.3.</param>
public sealed record Collocation(string First, string Second, long Count, double Expected, double Bits, TestResult Test);

/// <summary>Finds a text's fixed expressions.</summary>
public static class Collocations
{
    /// <summary>The words of a text, in small letters; a null wherever punctuation or a line's end parts two of them.</summary>
    /// <param name="text">Any text.</param>
    public static IEnumerable<string?> WordsOf(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var start = -1;
        for (var i = 0; i <= text.Length; i++)
        {
            var inside = i < text.Length && (char.IsLetterOrDigit(text[i]) || start >= 0 && text[i] is '\'' or '’' or '-' or '_' && i + 1 < text.Length && char.IsLetterOrDigit(text[i + 1]));
            if (inside)
            {
                if (start < 0) start = i;
                continue;
            }
            if (start >= 0) yield return text[start..i].ToLowerInvariant();
            start = -1;
            if (i < text.Length && text[i] is not ' ' and not '\t') yield return null;
        }
        yield return null;
    }

    /// <summary>The pairs that are more often beside each other than chance makes them, the most surprising first.</summary>
    /// <param name="words">In the order of the text; null parts two words.</param>
    /// <param name="least">Pairs seen less often are left out: pointwise mutual information makes too much of rare ones.</param>
    public static IReadOnlyList<Collocation> Find(IEnumerable<string?> words, int least)
    {
        ArgumentNullException.ThrowIfNull(words);
        ArgumentOutOfRangeException.ThrowIfLessThan(least, 1);
        var (firsts, seconds, pairs) = (new Dictionary<string, long>(StringComparer.Ordinal), new Dictionary<string, long>(StringComparer.Ordinal), new Dictionary<(string, string), long>());
        var (before, total) = ((string?)null, 0L);
        foreach (var word in words)
        {
            if (before is not null && word is not null)
            {
                firsts[before] = firsts.GetValueOrDefault(before) + 1;
                seconds[word] = seconds.GetValueOrDefault(word) + 1;
                pairs[(before, word)] = pairs.GetValueOrDefault((before, word)) + 1;
                total++;
            }
            before = word;
        }
        var found = from pair in pairs
                    where pair.Value >= least
                    let first = firsts[pair.Key.Item1]
                    let second = seconds[pair.Key.Item2]
                    let bits = Information.Pointwise(pair.Value, first, second, total) / Math.Log(2)
                    where bits > 0
                    orderby bits descending, pair.Value descending, pair.Key
                    select new Collocation(pair.Key.Item1, pair.Key.Item2, pair.Value, (double)first * second / total, bits, Independence(pair.Value, first, second, total));
        return [.. found];
    }

    // With one of a kind, or nothing else, there is no table to test.
    private static TestResult Independence(long pair, long first, long second, long total) => first == total || second == total
        ? new(0, 1)
        : SignificanceTests.ChiSquare(new[,] { { pair, first - pair }, { second - pair, total - first - second + pair } });
}
