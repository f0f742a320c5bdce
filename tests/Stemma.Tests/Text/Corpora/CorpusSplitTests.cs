using Stemma.Text;
using Stemma.Text.Corpora;
using Xunit;

namespace Stemma.Tests.Text.Corpora;

public sealed class CorpusSplitTests
{
    private static readonly InMemoryCorpus Many = Named(Enumerable.Range(0, 2000).Select(number => $"document {number}"));

    [Fact]
    public void Every_document_is_on_one_side_and_about_a_tenth_validates()
    {
        var split = new CorpusSplit(0.1);
        var (train, validation) = (split.Train(Many).ToList(), split.Validation(Many).ToList());
        Assert.Equal(Many.Documents().ToHashSet(), train.Concat(validation).ToHashSet());
        Assert.Equal(2000, train.Count + validation.Count);
        Assert.InRange(validation.Count, 150, 250);
        Assert.All(validation, document => Assert.True(split.IsValidation(document.Name)));
    }

    [Fact]
    public void A_documents_side_does_not_depend_on_the_others_or_their_order()
    {
        var split = new CorpusSplit(0.1, seed: 7);
        var reversed = Named(Many.Documents().Select(document => document.Name).Reverse().Where((_, index) => index % 3 != 0));
        Assert.Equal(
            split.Validation(Many).Intersect(reversed.Documents()).ToHashSet(),
            split.Validation(reversed).ToHashSet());
    }

    [Fact]
    public void The_seed_chooses_the_division()
    {
        Assert.Equal(new CorpusSplit(0.1, 1).Validation(Many), new CorpusSplit(0.1, 1).Validation(Many));
        Assert.NotEqual(new CorpusSplit(0.1, 1).Validation(Many), new CorpusSplit(0.1, 2).Validation(Many));
    }

    [Fact]
    public void With_few_documents_neither_side_is_empty()
    {
        for (var seed = 0ul; seed < 200; seed++)
        {
            var count = 2 + (int)(seed % 5);
            var split = new CorpusSplit(seed % 2 == 0 ? 0.1 : 0.9, seed);
            var corpus = Named(Enumerable.Range(0, count).Select(number => $"d{number}"));
            var reversed = Named(Enumerable.Range(0, count).Reverse().Select(number => $"d{number}"));
            var (train, validation) = (split.Train(corpus).ToHashSet(), split.Validation(corpus).ToHashSet());
            Assert.NotEmpty(train);
            Assert.NotEmpty(validation);
            Assert.Equal(count, train.Count + validation.Count);
            Assert.Equal(corpus.Documents().ToHashSet(), train.Concat(validation).ToHashSet());
            Assert.Equal(validation, split.Validation(reversed).ToHashSet());
            Assert.Equal(train, split.Train(reversed).ToHashSet());
        }
    }

    [Fact]
    public void One_document_is_divided_by_position_as_nanoGPT_does()
    {
        var text = File.ReadAllText(TextData.Shared("tinyshakespeare", "input.txt"));
        var corpus = new InMemoryCorpus("shakespeare", [new Document("input.txt", text)]);
        var split = new CorpusSplit(0.1);
        Assert.Equal(text[..1_003_854], split.Train(corpus).Single().Text);
        Assert.Equal(text[1_003_854..], split.Validation(corpus).Single().Text);
    }

    [Fact]
    public void The_cut_keeps_characters_whole()
    {
        var corpus = new InMemoryCorpus("faces", [new Document("faces", "🙂🙂🙂a🙂")]);
        Assert.Equal("🙂🙂🙂a", new CorpusSplit(0.2).Train(corpus).Single().Text);
        Assert.Equal("🙂", new CorpusSplit(0.2).Validation(corpus).Single().Text);
    }

    [Fact]
    public void Zero_keeps_everything_for_training()
    {
        Assert.Equal(Many.Documents(), new CorpusSplit(0).Train(Many));
        Assert.Empty(new CorpusSplit(0).Validation(Many));
        Assert.Empty(new CorpusSplit(0).Validation(Named(["one"])));
        Assert.Equal("one", new CorpusSplit(0).Train(Named(["one"])).Single().Text);
    }

    [Fact]
    public void What_cannot_be_divided_is_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new CorpusSplit(1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new CorpusSplit(double.NaN));
        Assert.Contains("x holds 1 characters, too few", Assert.Throws<TextFormatException>(() => new CorpusSplit(0.1).Train(Named(["x"])).ToList()).Message, StringComparison.Ordinal);
    }

    private static InMemoryCorpus Named(IEnumerable<string> names) => new("test", [.. names.Select(name => new Document(name, name))]);
}
