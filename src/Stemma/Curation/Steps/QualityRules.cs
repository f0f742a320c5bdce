namespace Stemma.Curation;

/// <summary>A rule of thumb about text.</summary>
/// <param name="Name">Its set and what it looks at.</param>
internal abstract record QualityRule(string Name);

/// <summary>A rule that drops documents.</summary>
internal sealed record DocumentRule(string Name, Func<TextStatistics, bool> Drops) : QualityRule(Name);

/// <summary>A rule that removes lines.</summary>
internal sealed record LineRule(string Name, Func<string, bool> Removes) : QualityRule(Name);

/// <summary>All rules, with the thresholds of their papers.</summary>
internal static class QualityRules
{
    private const int FewestLineWords = 3, FewestSentences = 5;

    private static readonly string[] Policies = ["terms of use", "privacy policy", "cookie policy", "uses cookies", "use of cookies", "use cookies"];

    /// <summary>What a name before the first underscore stands for.</summary>
    public static IReadOnlyList<string> Sets { get; } = ["gopher", "c4", "fineweb"];

    /// <summary>In the order in which they are tried: cheap ones first.</summary>
    public static IReadOnlyList<QualityRule> All { get; } =
    [
        // Raffel et al. 2020, §2.2: lines that end in a sentence's end and have words, pages without code, filler and policies.
        new LineRule("c4_line_punctuation", line => !EndsSentence(line)),
        new LineRule("c4_line_words", line => TextStatistics.CountWords(line, FewestLineWords) < FewestLineWords),
        new LineRule("c4_line_javascript", line => line.Contains("javascript", StringComparison.OrdinalIgnoreCase)),
        new LineRule("c4_line_policy", line => Policies.Any(policy => line.Contains(policy, StringComparison.OrdinalIgnoreCase))),
        new DocumentRule("c4_lorem_ipsum", text => text.Text.Contains("lorem ipsum", StringComparison.OrdinalIgnoreCase)),
        new DocumentRule("c4_curly_bracket", text => text.Text.Contains('{', StringComparison.Ordinal)),
        new DocumentRule("c4_sentences", text => text.SentenceCount < FewestSentences),

        // Rae et al. 2021, table A1.
        new DocumentRule("gopher_word_count", text => text.WordCount is < 50 or > 100_000),
        new DocumentRule("gopher_word_length", text => text.MeanWordLength is < 3 or > 10),
        new DocumentRule("gopher_symbols", text => text.SymbolCount > 0.1 * text.WordCount),
        new DocumentRule("gopher_bullets", text => text.BulletLineCount > 0.9 * text.LineCount),
        new DocumentRule("gopher_ellipses", text => text.EllipsisLineCount > 0.3 * text.LineCount),
        new DocumentRule("gopher_alphabetic", text => text.AlphabeticWordCount < 0.8 * text.WordCount),
        new DocumentRule("gopher_stop_words", text => text.StopWordKinds < 2),
        new DocumentRule("gopher_repeated_lines", text => text.RepeatedLineShare > 0.3),
        new DocumentRule("gopher_repeated_line_characters", text => text.RepeatedLineCharacterShare > 0.2),
        new DocumentRule("gopher_repeated_paragraphs", text => text.RepeatedParagraphShare > 0.3),
        new DocumentRule("gopher_repeated_paragraph_characters", text => text.RepeatedParagraphCharacterShare > 0.2),
        new DocumentRule("gopher_top_2gram", text => text.TopGramShare(2) > 0.20),
        new DocumentRule("gopher_top_3gram", text => text.TopGramShare(3) > 0.18),
        new DocumentRule("gopher_top_4gram", text => text.TopGramShare(4) > 0.16),
        new DocumentRule("gopher_repeated_5grams", text => text.RepeatedGramShare(5) > 0.15),
        new DocumentRule("gopher_repeated_6grams", text => text.RepeatedGramShare(6) > 0.14),
        new DocumentRule("gopher_repeated_7grams", text => text.RepeatedGramShare(7) > 0.13),
        new DocumentRule("gopher_repeated_8grams", text => text.RepeatedGramShare(8) > 0.12),
        new DocumentRule("gopher_repeated_9grams", text => text.RepeatedGramShare(9) > 0.11),
        new DocumentRule("gopher_repeated_10grams", text => text.RepeatedGramShare(10) > 0.10),

        // Penedo et al. 2024, §3.6.
        new DocumentRule("fineweb_line_ends", text => text.SentenceLineCount <= 0.12 * text.LineCount),
        new DocumentRule("fineweb_repeated_line_characters", text => text.RepeatedLineCharacterShare >= 0.1),
        new DocumentRule("fineweb_short_lines", text => text.ShortLineCount >= 0.67 * text.LineCount),
    ];

    /// <summary>Whether a line ends as sentences do: a full stop, an exclamation mark, a question mark, a closing quotation mark; in Chinese and Japanese too.</summary>
    public static bool EndsSentence(ReadOnlySpan<char> line)
    {
        line = line.TrimEnd();
        return line.Length > 0 && !line.EndsWith("...") && line[^1] is '.' or '!' or '?' or '"' or '\u201D' or '\u3002' or '\uFF01' or '\uFF1F' or '\u300D';
    }
}
