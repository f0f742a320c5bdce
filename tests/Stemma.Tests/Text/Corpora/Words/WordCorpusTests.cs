using Stemma.Text;
using Stemma.Text.Corpora;
using Stemma.Text.Corpora.Words;
using Xunit;

namespace Stemma.Tests.Text.Corpora.Words;

public sealed class WordCorpusTests
{
    [Fact]
    public void Words_are_numbered_by_frequency_and_sentences_end()
    {
        var corpus = Read("Don't go; don't STAY.\n\nGo, café 42!", new PlainWords());
        Assert.Equal(["don't", "go", "42", "café", "stay"], corpus.Vocabulary.Words);
        Assert.Equal([2, 2, 1, 1, 1], corpus.Vocabulary.Counts.ToArray());
        Assert.Equal([0, 1, 0, 4, -1, 1, 3, 2, -1], corpus.Tokens.ToArray());
        Assert.Equal((7, 7, 2), (corpus.WordCount, corpus.ReadCount, corpus.SentenceCount));
        Assert.Equal(3, corpus.Vocabulary.Find("café"));
        Assert.Equal(-1, corpus.Vocabulary.Find("tea"));
    }

    [Fact]
    public void Spaced_words_stay_as_they_are() =>
        Assert.Equal(["a", "A.", "'b"], Read("a A. 'b \t a\r\n", new SpacedWords()).Vocabulary.Words.OrderBy(word => word.TrimStart('\''), StringComparer.OrdinalIgnoreCase));

    [Fact]
    public void Letters_beyond_the_basic_plane_are_letters_and_pictures_are_not()
    {
        var corpus = Read("\U00010400x \U0001F600 y' 'z e\u0301 \uD800", new PlainWords());
        Assert.Equal(["e\u0301", "y", "z", "\U00010428x"], corpus.Vocabulary.Words.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Rare_words_are_left_out_with_the_sentences_they_were_alone_in()
    {
        var corpus = Read("a rare b\nalone\nb a a", new PlainWords(), minCount: 2);
        Assert.Equal(["a", "b"], corpus.Vocabulary.Words);
        Assert.Equal([0, 1, -1, 1, 0, 0, -1], corpus.Tokens.ToArray());
        Assert.Equal((5, 7, 2), (corpus.WordCount, corpus.ReadCount, corpus.SentenceCount));
    }

    [Fact]
    public void What_is_written_is_read_back()
    {
        var corpus = Read("to be or not\nto be, that\n\nis it", new PlainWords());
        using var text = new StringWriter();
        corpus.WriteText(text);
        Assert.Equal("to be or not\nto be that\nis it\n", text.ToString());
        Assert.Equal(corpus.Tokens.ToArray(), Read(text.ToString(), new SpacedWords()).Tokens.ToArray());
    }

    [Theory]
    [InlineData("", "holds 0 words, and none that appears 2 times")]
    [InlineData("a a b", "holds 3 words, and one that appears 2 times")]
    public void Too_few_words_are_refused(string text, string message) =>
        Assert.Contains(message, Assert.Throws<TextFormatException>(() => Read(text, new PlainWords(), 2)).Message, StringComparison.Ordinal);

    private static WordCorpus Read(string text, WordReading reading, int minCount = 1) => WordCorpus.Read([new Document("text", text)], reading, minCount);
}
