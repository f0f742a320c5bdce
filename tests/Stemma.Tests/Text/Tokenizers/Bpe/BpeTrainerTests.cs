using System.Diagnostics;
using Stemma.Text.Corpora.Dotnet;
using Stemma.Text.Tokenizers.Bpe;
using Xunit;

namespace Stemma.Tests.Text.Tokenizers.Bpe;

public sealed class BpeTrainerTests
{
    [Fact]
    public void Merges_equal_those_of_Hugging_Faces_trainer()
    {
        var expected = File.ReadAllLines(TextData.Fixture("trainer-merges.txt"));
        var tokenizer = new BpeTrainer { VocabSize = 30_000, MinFrequency = 1, SpecialTokens = [] }.Train(TrainedTokenizer.Lines);
        Assert.Equal(expected, tokenizer.Merges.Select(merge => $"{tokenizer.Piece(merge.Left)} {tokenizer.Piece(merge.Right)}"));
    }

    [Fact]
    public void Merges_equal_those_of_a_plain_trainer_over_random_text()
    {
        var random = new Random(3);
        for (var round = 0; round < 20; round++)
        {
            // Few letters and much repetition: overlaps, ties, and merges that make an existing token again.
            var texts = Enumerable.Range(0, 30).Select(_ => new string(random.GetItems("aaabbc d".AsSpan(), random.Next(1, 30)))).ToList();
            var expected = SlowBpe.Train(texts.SelectMany(Words.Of), mergeCount: 60, minFrequency: 2);
            var tokenizer = new BpeTrainer { VocabSize = 256 + 60, SpecialTokens = [], ThreadCount = 1 + (round % 3) }.Train(texts);
            Assert.Equal(expected, tokenizer.Merges.Select(merge => (tokenizer.Piece(merge.Left), tokenizer.Piece(merge.Right))));
        }
    }

    [Fact]
    public void The_number_of_threads_does_not_matter()
    {
        // One text long enough to be taken in several pieces.
        var text = string.Concat(Enumerable.Repeat(string.Concat(TrainedTokenizer.Lines), 300));
        var hashes = new[] { 1, 2, 5 }.Select(threads => new BpeTrainer { VocabSize = 600, ThreadCount = threads }.Train([text]).Hash);
        Assert.Single(hashes.Distinct());
    }

    [Fact]
    public void Twenty_megabytes_give_eight_thousand_merges_within_fifteen_seconds()
    {
        var texts = DocumentationTexts();
        Assert.SkipWhen(texts.Count == 0, "The installed .NET SDK has no reference documentation.");
        var watch = Stopwatch.StartNew();
        var tokenizer = new BpeTrainer { VocabSize = 8_192 + 257, ThreadCount = 2 }.Train(texts);
        watch.Stop();
        Assert.Equal(8_192, tokenizer.Merges.Count);
        TestContext.Current.TestOutputHelper?.WriteLine($"{texts.Sum(text => (long)text.Length) / 1e6:F1} million characters, 8,192 merges: {watch.Elapsed.TotalSeconds:F2} s");
        Assert.InRange(watch.Elapsed.TotalSeconds, 0, 15);
    }

    [Fact]
    public void Special_tokens_come_last_and_the_vocabulary_has_the_size_asked_for()
    {
        var tokenizer = new BpeTrainer { VocabSize = 300, SpecialTokens = ["<|endoftext|>", "<|user|>"] }.Train(TrainedTokenizer.Lines);
        Assert.Equal(300, tokenizer.VocabSize);
        Assert.Equal((298, 299), (tokenizer.SpecialTokens["<|endoftext|>"], tokenizer.SpecialTokens["<|user|>"]));
        Assert.Equal(298, tokenizer.EndOfText);
        Assert.Equal("!", tokenizer.Piece(0));
    }

    [Fact]
    public void Progress_reaches_the_end()
    {
        var reports = new List<BpeTrainingProgress>();
        new BpeTrainer { VocabSize = 500 }.Train(TrainedTokenizer.Lines, new Recorder<BpeTrainingProgress>(reports));
        Assert.Equal(new BpeTrainingProgress(TrainedTokenizer.Lines.Sum(line => (long)line.Length), 243, 243), reports[^1]);
    }

    [Fact]
    public void An_impossible_vocabulary_is_refused() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new BpeTrainer { VocabSize = 256 }.Train(["text"]));

    [Fact]
    public void A_text_that_cannot_be_read_stops_the_training_with_its_own_error()
    {
        static IEnumerable<string> Texts()
        {
            yield return "fine";
            throw new Stemma.Text.TextFormatException("b.txt is not UTF-8.");
        }

        Assert.Equal("b.txt is not UTF-8.", Assert.Throws<Stemma.Text.TextFormatException>(() => new BpeTrainer { VocabSize = 300 }.Train(Texts())).Message);
    }

    private static List<string> DocumentationTexts()
    {
        try
        {
            return [.. new DotnetDocsCorpus().Documents().Select(document => document.Text)];
        }
        catch (Stemma.Text.TextFormatException)
        {
            return [];
        }
    }
}
