using System.Text;
using Stemma.Curation;
using Stemma.Text.Corpora.Dotnet;
using Stemma.Text.Corpora.Readers;
using Xunit;

namespace Stemma.Tests.Curation;

/// <summary>Each step by itself: what it finds, and what it leaves alone.</summary>
public sealed class StepTests
{
    [Theory]
    [InlineData("cafÃ© and naÃ¯ve", "café and naïve")]
    [InlineData("itâ€™s â€œquotedâ€\u009D", "it’s “quoted”")]
    [InlineData("ÃƒÂ©tÃƒÂ©", "été")]
    [InlineData("æ—¥æœ¬èªž", "日本語")]
    [InlineData("São Paulo, ÂNGELA, Å ngström, café", "São Paulo, ÂNGELA, Å ngström, café")]
    [InlineData("日本語 русский Ελληνικά", "日本語 русский Ελληνικά")]
    public void Mojibake_is_put_right_and_what_is_right_stays(string text, string expected) => Assert.Equal(expected, Mojibake.Repair(text));

    [Fact]
    public void Every_text_read_in_the_wrong_encoding_comes_back()
    {
        var random = new Random(5);
        for (var round = 0; round < 200; round++)
        {
            var text = string.Concat(Enumerable.Range(0, 30).Select(_ => new Rune(random.Next(3) switch { 0 => random.Next('a', 'z'), 1 => random.Next(0x410, 0x44F), _ => random.Next(0x3041, 0x3096) }).ToString()));
            Assert.Equal(text, Mojibake.Repair(Windows1252.Decode(Encoding.UTF8.GetBytes(text))));
        }
    }

    [Theory]
    [InlineData("cafe\u0301 and \u212B", "caf\u00E9 and \u00C5")]
    [InlineData("e\u200B\u0301", "\u00E9")]
    [InlineData("\u1112\u1161\u11AB", "\uD55C")]
    public void A_letter_and_its_mark_become_one_character(string text, string composed)
    {
        Assert.Equal(composed, Apply(new NormalizeStep(), text).Text);
        Assert.Equal(composed, Apply(new NormalizeStep(), composed).Text);
    }

    [Fact]
    public void Normalising_twice_is_normalising_once()
    {
        const string Text = "\uFEFFone\u00A0two \r\n\r\n\r\n\r\nthree\u200B\t\u0007four  \n  five\u2028six\n\n";
        var once = Apply(new NormalizeStep(), Text).Text;
        Assert.Equal("one two\n\nthree\tfour\n  five\nsix", once);
        Assert.Equal(once, Apply(new NormalizeStep(), once).Text);
    }

    [Theory]
    [InlineData("Write to jane.doe+x@mail.example.co.uk.", "Write to <email>.")]
    [InlineData("Call +49 30 901820 or (212) 555-0187 now", "Call <phone> or <phone> now")]
    [InlineData("call 212-555-0187, 1-800-555-0199, 0171 555 0187 or 212.555.0187.", "call <phone>, <phone>, <phone> or <phone>.")]
    [InlineData("from 192.168.10.42 and 8.8.8.8!", "from <ip> and <ip>!")]
    [InlineData("card 4111 1111 1111 1111, 5500-0055-5555-5559, 378282246310005", "card <card>, <card>, <card>")]
    [InlineData("card 4111 1111 1111 1112 fails", "card 4111 1111 1111 1112 fails")]
    [InlineData("version 1.2.3.4.5, 10.0.0.0, 4.0.30319", "version 1.2.3.4.5, 10.0.0.0, 4.0.30319")]
    [InlineData("In 2024-11-25 12:30:45, pages 1000-2000, 3.14159265, $1,234,567, 1234567890", "In 2024-11-25 12:30:45, pages 1000-2000, 3.14159265, $1,234,567, 1234567890")]
    [InlineData("a@b, @handle, x@y.z, ISBN 978-3-16-148410-0, 12345678901234567890", "a@b, @handle, x@y.z, ISBN 978-3-16-148410-0, 12345678901234567890")]
    public void Personal_data_gives_way_and_other_numbers_stay(string text, string expected) => Assert.Equal(expected, Apply(new PersonalDataStep(), text).Text);

    [Fact]
    public void Main_text_stays_and_what_surrounds_it_goes()
    {
        var main = Enumerable.Range(0, 4).Select(i => SmallCorpus.Paragraph(new Random(i), 4)).ToArray();
        var page = $$"""
            <html><head><title>T</title><script>var a = "<p>x</p>";</script><style>p {}</style></head><body>
            <nav><a href="/">Home</a> <a href="/about">About us</a></nav>
            <div><a href="1">One</a> | <a href="2">Two</a> | <a href="3">Three and four</a></div>
            <article><p>{{main[0]}}</p><p>{{main[1].Replace(" river ", " <a href='x'>river</a> ", StringComparison.Ordinal)}}</p><ul><li>{{main[2]}}</li></ul><p>{{main[3]}}</p></article>
            <ul><li><a href="5">Other news of the day</a></li><li><a href="6">More of the other news</a></li></ul>
            <div>Copyright 2024</div><footer>All rights reserved. <a href="p">Privacy</a></footer></body></html>
            """;
        var document = new CuratedDocument { Text = page, Markup = Markup.Html };
        Assert.Null(new HtmlTextStep().Build("").Apply(document, new()));
        Assert.Equal(string.Join("\n\n", main), document.Text);
        Assert.Equal(Markup.None, document.Markup);
        var links = new CuratedDocument { Text = "<p><a href=x>only links here</a></p>", Markup = Markup.Html };
        Assert.Equal("no main text", new HtmlTextStep().Build("").Apply(links, new()));
    }

    [Fact]
    public void Pages_nested_very_deep_are_dropped_and_lists_without_ends_are_not()
    {
        var deep = new CuratedDocument { Text = string.Concat(Enumerable.Repeat("<div>", 100_000)) + "text", Markup = Markup.Html };
        Assert.Equal("nested too deep", new HtmlTextStep().Build("").Apply(deep, new()));
        var list = new CuratedDocument { Text = $"<div><ul>{string.Concat(Enumerable.Range(0, 2000).Select(i => $"<li>item {i}<br>"))}</ul></div>", Markup = Markup.Html };
        Assert.Null(new HtmlTextStep { MainTextOnly = false }.Build("").Apply(list, new()));
        Assert.EndsWith("item 1999", list.Text, StringComparison.Ordinal);
    }

    public static TheoryData<string, string> QualityCases => new()
    {
        { "gopher_word_count", "Only a few words." },
        { "gopher_word_length", string.Concat(Enumerable.Repeat("Extraordinarily incomprehensible characterisations ", 20)) },
        { "gopher_symbols", string.Concat(Enumerable.Repeat("tag #one #two the of ", 20)) },
        { "gopher_bullets", string.Concat(Enumerable.Repeat("- an item of the list\n", 20)) },
        { "gopher_ellipses", string.Concat(Enumerable.Range(0, 20).Select(i => $"Line {i} of the text…\n")) },
        { "gopher_alphabetic", string.Concat(Enumerable.Repeat("the 12 34 56 of ", 20)) },
        { "gopher_stop_words", string.Concat(Enumerable.Repeat("Haus Baum Garten Fluss ", 20)) },
        { "gopher_repeated_lines", string.Concat(Enumerable.Repeat("The same line of the text.\n", 20)) },
        { "gopher_repeated_line_characters", string.Concat(Enumerable.Repeat("The same line of the text.\n", 20)) },
        { "gopher_repeated_paragraphs", string.Concat(Enumerable.Repeat("The same paragraph.\n\n", 20)) },
        { "gopher_repeated_paragraph_characters", string.Concat(Enumerable.Repeat("The same paragraph.\n\n", 20)) },
        { "gopher_top_2gram", string.Concat(Enumerable.Range(0, 40).Select(i => $"something characteristic w{i} ")) },
        { "gopher_top_3gram", string.Concat(Enumerable.Range(0, 40).Select(i => $"something quite characteristic w{i} ")) },
        { "gopher_top_4gram", string.Concat(Enumerable.Range(0, 40).Select(i => $"something quite very characteristic w{i} ")) },
        { "gopher_repeated_5grams", string.Concat(Enumerable.Repeat("one two three four five six seven eight nine ten eleven. ", 20)) },
        { "gopher_repeated_6grams", string.Concat(Enumerable.Repeat("one two three four five six seven eight nine ten eleven. ", 20)) },
        { "gopher_repeated_7grams", string.Concat(Enumerable.Repeat("one two three four five six seven eight nine ten eleven. ", 20)) },
        { "gopher_repeated_8grams", string.Concat(Enumerable.Repeat("one two three four five six seven eight nine ten eleven. ", 20)) },
        { "gopher_repeated_9grams", string.Concat(Enumerable.Repeat("one two three four five six seven eight nine ten eleven. ", 20)) },
        { "gopher_repeated_10grams", string.Concat(Enumerable.Repeat("one two three four five six seven eight nine ten eleven. ", 20)) },
        { "c4_lorem_ipsum", "Lorem ipsum dolor sit amet." },
        { "c4_curly_bracket", "function() { return; }" },
        { "c4_sentences", "One sentence. Two sentences." },
        { "c4_line_punctuation", "A line without an end" },
        { "c4_line_words", "Two words." },
        { "c4_line_javascript", "Please enable JavaScript to see this page." },
        { "c4_line_policy", "Read our privacy policy for the details." },
        { "fineweb_line_ends", string.Concat(Enumerable.Range(0, 20).Select(i => $"a line without an end {i}\n")) },
        { "fineweb_repeated_line_characters", string.Concat(Enumerable.Repeat("The same line of the text.\n", 20)) },
        { "fineweb_short_lines", string.Concat(Enumerable.Range(0, 20).Select(i => $"Short {i}.\n")) },
    };

    [Theory, MemberData(nameof(QualityCases))]
    public void Every_quality_rule_takes_hold_and_lets_prose_pass(string rule, string bad)
    {
        var filter = new QualityStep { Rules = [rule] }.Build("");
        var counts = new RuleCounts();
        Assert.NotNull(filter.Apply(new() { Text = bad }, counts));
        var random = new Random(1);
        var prose = string.Join("\n", Enumerable.Range(0, 8).Select(_ => $"The {Word()} {Word()} of {Word()} and {Word()} have {Word()} {Word()} with {Word()}; {Word()} {Word()} to {Word()}."));
        var document = new CuratedDocument { Text = prose };
        Assert.Null(filter.Apply(document, counts));
        Assert.Equal(prose, document.Text);

        string Word() => SmallCorpus.Word(random);
    }

    [Fact]
    public void Every_quality_rule_has_a_case() => Assert.Equal(QualityRules.All.Select(rule => rule.Name).Order(), QualityCases.Select(row => row.Data.Item1).Order());

    [Fact]
    public void Minima_agree_as_often_as_sets_are_similar()
    {
        // Broder 1997: the share of equal minima estimates the Jaccard similarity without bias.
        var random = new Random(9);
        var hash = new MinHash(240, 5);
        var (differences, count) = (0.0, 0);
        for (var pair = 0; pair < 60; pair++)
        {
            var words = SmallCorpus.Paragraph(random, 20).Split(' ');
            var other = words.ToArray();
            for (var i = 0; i < pair; i++) other[random.Next(other.Length)] = SmallCorpus.Word(random);
            var (a, b) = (new uint[240], new uint[240]);
            hash.Minima(string.Join(' ', words), a);
            hash.Minima(string.Join(' ', other), b);
            var (estimate, truth) = (a.Zip(b).Count(both => both.First == both.Second) / 240.0, MinHash.Jaccard(string.Join(' ', words), string.Join(' ', other), 5));
            // Five standard deviations of a share of 240.
            Assert.InRange(estimate - truth, -5 * Math.Sqrt(0.25 / 240), 5 * Math.Sqrt(0.25 / 240));
            (differences, count) = (differences + estimate - truth, count + 1);
        }

        Assert.InRange(differences / count, -0.012, 0.012);
    }

    [Fact]
    public void Collisions_follow_the_formula()
    {
        var step = new NearDuplicatesStep { Bands = 20, Rows = 5 };
        Assert.Equal(1 - Math.Pow(1 - Math.Pow(0.8, 5), 20), step.CollisionProbability(0.8), 12);
        Assert.Equal((0, 1), (step.CollisionProbability(0), step.CollisionProbability(1)));
        Assert.InRange(new NearDuplicatesStep().ReportProbability(0.8), 0.99, 1);
        Assert.InRange(new NearDuplicatesStep().ReportProbability(0.7), 0.85, 1);
        Assert.InRange(new NearDuplicatesStep().ReportProbability(0.5), 0, 0.01);
    }

    [Fact]
    public void Languages_of_held_out_messages_are_told_apart()
    {
        // By the message, so that no translation of a tested one was seen.
        var messages = TranslatedMessages.Read();
        Assert.Equal(TranslatedMessages.Languages, messages.Select(message => message.Language).Distinct().Order(StringComparer.Ordinal));
        static bool IsHeldOut(TranslatedMessage message) => LanguageIdentifier.KeyOf(message) % 20 == 0;
        var identifier = LanguageIdentifier.Train(messages.Where(message => !IsHeldOut(message)));
        var results = messages.Where(IsHeldOut).Where(message => message.Text.Length >= 60)
            .GroupBy(message => message.Language).ToDictionary(group => group.Key, group => (Right: group.Count(message => identifier.Identify(message.Text).Language == group.Key), All: group.Count()));
        Assert.All(results, result => Assert.True(result.Value.Right >= 0.9 * result.Value.All, $"{result.Key}: {result.Value.Right} of {result.Value.All}"));
        Assert.True(results.Sum(result => result.Value.Right) >= 0.95 * results.Sum(result => result.Value.All), string.Join(", ", results.Select(result => $"{result.Key} {result.Value.Right}/{result.Value.All}")));
        TestContext.Current.TestOutputHelper?.WriteLine(string.Join(", ", results.Select(result => $"{result.Key} {result.Value.Right}/{result.Value.All}")));
    }

    private static CuratedDocument Apply(LocalStep step, string text)
    {
        var document = new CuratedDocument { Text = text };
        Assert.Null(step.Build("").Apply(document, new()));
        return document;
    }
}
