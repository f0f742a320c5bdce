using Stemma.Text;
using Stemma.Text.Tokenizers;
using Stemma.Text.Tokenizers.Words;
using Xunit;

namespace Stemma.Tests.Text.Tokenizers;

public sealed class WordTokenizerTests
{
    [Fact]
    public void Words_are_what_white_space_separates()
    {
        var tokenizer = new WordTrainer().Train(["the cat\tsat\n\nthe  dog"]);
        Assert.Equal(["<unk>", "<s>", "</s>", "the", "cat", "sat", "dog"], Enumerable.Range(0, tokenizer.VocabSize).Select(tokenizer.Piece));
        Assert.Equal([3, 6, 2, 2, 4, 0], tokenizer.Encode(" the dog \n\ncat bird"));
        Assert.Equal(" the dog\n", tokenizer.Decode([3, 6, 2]));
        Assert.Equal(WordTokenizer.EndId, tokenizer.EndOfText);
    }

    [Fact]
    public void Spellings_of_boundaries_are_unknown_words() =>
        Assert.Equal([0, 0, 0, 3], WordTokenizer.Create(["a"]).Encode("<s> </s> <unk> a"));

    [Fact]
    public void A_vocabulary_may_be_limited_to_the_most_frequent_words()
    {
        var tokenizer = new WordTrainer { VocabSize = 5 }.Train(["rare b a b <unk>\n", "a b once a"]);
        Assert.Equal(["<unk>", "<s>", "</s>", "b", "a"], Enumerable.Range(0, tokenizer.VocabSize).Select(tokenizer.Piece));
        Assert.Equal([0, 3, 4, 2], tokenizer.Encode("once b a\n"));
    }

    [Fact]
    public void It_comes_back_from_its_file()
    {
        using var folder = new TemporaryFolder();
        var tokenizer = new WordTrainer().Train(["naïve \"quoted\" back\\slash 数\n"]);
        tokenizer.Save(folder["tokenizer.json"]);
        var read = Assert.IsType<WordTokenizer>(Tokenizer.Load(folder["tokenizer.json"]));
        Assert.Equal(tokenizer.Hash, read.Hash);
        Assert.Equal([3, 6, 2, 0], read.Encode("naïve 数\nnew"));
        File.WriteAllText(folder["tokenizer.json"], File.ReadAllText(folder["tokenizer.json"]).Replace("WhitespaceSplit", "Whitespace", StringComparison.Ordinal));
        Assert.IsType<PipelineTokenizer>(Tokenizer.Load(folder["tokenizer.json"]));
    }

    [Fact]
    public void Words_that_cannot_be_are_refused()
    {
        foreach (var words in (string[][])[["a b"], [""], ["a", "a"], ["</s>"]]) Assert.Throws<TextFormatException>(() => WordTokenizer.Create(words));
    }
}
