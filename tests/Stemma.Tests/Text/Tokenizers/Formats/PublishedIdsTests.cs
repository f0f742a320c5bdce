using System.Text.Json;
using Stemma.Text;
using Stemma.Text.Tokenizers;
using Stemma.Text.Tokenizers.Formats;
using Xunit;

namespace Stemma.Tests.Text.Tokenizers.Formats;

/// <summary>Published tokenizers against ids of the originals (recorded by <c>Fixtures/Text/make-pipelines.js</c>).</summary>
public sealed class PublishedIdsTests
{
    [Theory]
    [InlineData("r50k_base", "tiktoken/r50k_base.tiktoken", 50_257)]
    [InlineData("cl100k_base", "tiktoken/cl100k_base.tiktoken.gz", 100_277)]
    [InlineData("o200k_base", "tiktoken/o200k_base.tiktoken.gz", 200_019)]
    [InlineData("bert", "bert/bert-base-uncased-vocab.txt", 30_522)]
    [InlineData("phi3", "hf-json/spm-bpe-phi3.tokenizer.json.gz", 32_045)]
    public void Ids_are_those_of_the_original(string name, string file, int vocabSize)
    {
        var tokenizer = Tokenizer.Load(TextData.Shared("tokenizers", file));
        Assert.Equal(vocabSize, tokenizer.VocabSize);
        using var document = JsonDocument.Parse(File.ReadAllText(TextData.Fixture("published-ids.json")));
        foreach (var row in document.RootElement.EnumerateArray())
        {
            var text = row.GetProperty("text").GetString()!;
            int[] ids = [.. row.GetProperty(name).EnumerateArray().Select(id => id.GetInt32())];
            Assert.Equal(ids, tokenizer.Encode(text, allowSpecial: true));
            Assert.Equal(ids, tokenizer.EncodeWithOffsets(text, allowSpecial: true).Select(span => span.Id));
            Assert.Equal(ids.Length, tokenizer.CountTokens(text, allowSpecial: true));
            var decoded = tokenizer.Decode(ids);
            Assert.Equal(row.TryGetProperty(name + "_text", out var expected) ? expected.GetString() : text, decoded);
            var stream = new StreamingDecoder(tokenizer);
            Assert.Equal(decoded, string.Concat(ids.Select(stream.Append)) + stream.Flush());
        }
    }

    [Fact]
    public void Random_text_survives_byte_level_tokenizers_and_is_cut_where_it_may_be()
    {
        var tokenizer = Tokenizer.Load(TextData.Shared("tokenizers", "tiktoken", "cl100k_base.tiktoken.gz"));
        for (var round = 0; round < 200; round++)
        {
            var text = RandomText.Next(new Random(round), 30);
            var ids = tokenizer.Encode(text);
            Assert.Equal(text, tokenizer.Decode(ids));
            var cut = tokenizer.CutPoint(text, text.Length / 2);
            Assert.Equal(ids, tokenizer.Encode(text[..cut]).Concat(tokenizer.Encode(text[cut..])));
        }

        string[] texts = [.. Enumerable.Range(0, 64).Select(round => RandomText.Next(new Random(round), 50))];
        Assert.Equal(texts.Select(text => tokenizer.Encode(text)), tokenizer.EncodeBatch(texts, threadCount: 3));
    }

    [Theory]
    [InlineData("r50k_base.tiktoken", "IQ== 0\nIg= 1\n", "line 2 has a token that is not base64")]
    [InlineData("r50k_base.tiktoken", "IQ== 0\nIg== x\n", "line 2 must be a token in base64 and its rank")]
    [InlineData("r50k_base.tiktoken", "IQ== 0\nIg== 0\n", "line 2 has the rank 0, which an earlier line has")]
    [InlineData("r50k_base.tiktoken", "IQ== 0\nIQ== 1\n", "line 2 has a token that an earlier line has")]
    [InlineData("r50k_base.tiktoken", "IQ== 0\nIg== 200000000\n", "ids must have no gaps")]
    [InlineData("r50k_base.tiktoken", "IQ== 0\n", "has no token for the byte 0x00")]
    [InlineData("mine.tiktoken", "IQ== 0\n", "\"mine\" is not an encoding that is known")]
    [InlineData("r50k_base.tiktoken.gz", "IQ== 0\n", "is not gzip")]
    [InlineData("vocab.txt", "[UNK]\n[CLS]\n\n", "line 3 is empty")]
    [InlineData("vocab.txt", "[UNK]\na\na\n", "line 3 repeats the token \"a\"")]
    [InlineData("vocab.txt", "[UNK]\na\n", "has no token [CLS]")]
    public void Damage_is_named(string name, string content, string complaint)
    {
        using var folder = new TemporaryFolder();
        var error = Assert.Throws<TextFormatException>(() => Tokenizer.Load(folder.Write(name, content)));
        Assert.Contains(complaint, error.Message, StringComparison.Ordinal);
        Assert.StartsWith(folder.Path, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_saved_tiktoken_encoding_reads_back_equal()
    {
        using var folder = new TemporaryFolder();
        var tokenizer = Tiktoken.Load(TextData.Shared("tokenizers", "tiktoken", "r50k_base.tiktoken"));
        tokenizer.Save(folder["tokenizer.json"]);
        var copy = Assert.IsType<PipelineTokenizer>(Tokenizer.Load(folder["tokenizer.json"]));
        Assert.Equal(tokenizer.Hash, copy.Hash);
        Assert.True(copy.IsFast);
    }
}
