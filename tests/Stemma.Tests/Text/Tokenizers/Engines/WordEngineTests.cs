using System.Text;
using Stemma.Text.Tokenizers;
using Xunit;

namespace Stemma.Tests.Text.Tokenizers.Engines;

/// <summary>The fast path, word by word, against the pipeline over the whole text, which spans are made by.</summary>
public sealed class WordEngineTests
{
    public static TheoryData<string> Tokenizers => ["tiktoken/r50k_base.tiktoken", "tiktoken/cl100k_base.tiktoken.gz", "tiktoken/o200k_base.tiktoken.gz", "bert/bert-base-uncased-vocab.txt", "hf-json/spm-bpe-phi3.tokenizer.json.gz"];

    [Theory]
    [MemberData(nameof(Tokenizers))]
    public void Words_one_by_one_are_the_text(string path)
    {
        var tokenizer = Assert.IsType<PipelineTokenizer>(Tokenizer.Load(TextData.Shared(["tokenizers", .. path.Split('/')])));
        Assert.True(tokenizer.IsFast);
        var shakespeare = File.ReadAllText(TextData.Shared("tinyshakespeare", "input.txt"));
        for (var seed = 0; seed < 300; seed++)
        {
            var random = new Random(seed);
            var from = random.Next(shakespeare.Length - 200);
            var text = (seed % 3) switch
            {
                0 => RandomText.Next(random, 60),
                1 => Mixed(random),
                _ => shakespeare[from..(from + random.Next(200))],
            };
            var expected = tokenizer.EncodeWithOffsets(text).Select(span => span.Id).ToArray();
            Assert.Equal(expected, tokenizer.Encode(text));
            Assert.Equal(expected, tokenizer.Encode(text));
            Assert.Equal(expected.Length, tokenizer.CountTokens(text));
            if (tokenizer.CutPoint(text, random.Next(text.Length + 1)) is var cut and > 0)
                Assert.Equal(expected, tokenizer.Encode(text[..cut]).Concat(tokenizer.Encode(text[cut..])));
        }
    }

    [Fact]
    public void A_word_of_any_length_ends_where_the_expression_says()
    {
        var tokenizer = Assert.IsType<PipelineTokenizer>(Tokenizer.Load(TextData.Shared("tokenizers", "tiktoken", "o200k_base.tiktoken.gz")));
        foreach (var ending in new[] { "", " ", "'s", "'", "A", "é", "\u0301", "1", "\0", "▁", "\n", "'Él" })
            for (var length = 1; length <= 40; length++)
                foreach (var lead in new[] { "", " ", "'", "\"", "\t", "X", "é" })
                {
                    var text = lead + new string('a', length) + ending;
                    Assert.Equal(tokenizer.EncodeWithOffsets(text).Select(span => span.Id), tokenizer.Encode(text));
                }
    }

    // Letters and what touches them: accents, controls, capitals, surrogates, in short runs.
    private static string Mixed(Random random)
    {
        const string Alphabet = "abcXYZ 09 .,'-\t\n\r\u0001\u007f\u0301\u0085\u00a0éÄß漢ｶ▁\ud83d\ude42\ud800";
        var text = new StringBuilder();
        for (var run = 0; run < 40; run++) text.Append(Alphabet[random.Next(Alphabet.Length)], random.Next(8) == 0 ? random.Next(1, 30) : 1);
        return text.ToString();
    }
}
