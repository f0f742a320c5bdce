using System.IO.Compression;
using System.Text.Json;
using Stemma.Tests.Text.Tokenizers.Bpe;
using Stemma.Text.Tokenizers;
using Stemma.Text.Tokenizers.Formats;
using Xunit;

namespace Stemma.Tests.Text.Tokenizers.Formats;

/// <summary>Published tokenizers against ids that Hugging Face's library gave (recorded by <c>Fixtures/Text/make-fixtures.js</c>).</summary>
public sealed class RecordedIdsTests
{
    [Fact]
    public void Gpt2_gives_the_recorded_ids()
    {
        var tokenizer = Gpt2Files.Load(TextData.Shared("tokenizers", "gpt2", "encoder.json"), TextData.Shared("tokenizers", "gpt2", "vocab.bpe"));
        Assert.Equal((50_257, 50_256), (tokenizer.VocabSize, tokenizer.EndOfText));
        foreach (var (text, ids) in Recorded("gpt2"))
        {
            Assert.Equal(ids, tokenizer.Encode(text));
            Assert.Equal(text, tokenizer.Decode(ids));
        }
    }

    [Fact]
    public void Gpt2_equals_the_published_algorithm_over_random_text()
    {
        var tokenizer = Gpt2Files.Load(TextData.Shared("tokenizers", "gpt2", "encoder.json"), TextData.Shared("tokenizers", "gpt2", "vocab.bpe"));
        var text = string.Join('\n', Enumerable.Range(0, 100).Select(round => RandomText.Next(new Random(round), 20)));
        Assert.Equal(SlowBpe.Encode(Words.Of(text), tokenizer), tokenizer.Encode(text));
    }

    [Fact]
    public void A_published_tokenizer_json_gives_the_recorded_ids_and_survives_saving()
    {
        using var folder = new TemporaryFolder();
        using (var source = new GZipStream(File.OpenRead(TextData.Shared("tokenizers", "hf-json", "bytelevel-bpe.tokenizer.json.gz")), CompressionMode.Decompress))
        using (var target = File.Create(folder["tokenizer.json"]))
            source.CopyTo(target);
        var tokenizer = Tokenizer.Load(folder.Path);
        tokenizer.Save(folder["copy.json"]);
        var copy = Tokenizer.Load(folder["copy.json"]);
        Assert.Equal((50_295, tokenizer.Hash), (copy.VocabSize, copy.Hash));
        foreach (var (text, ids) in Recorded("codegen"))
        {
            Assert.Equal(ids, tokenizer.Encode(text, allowSpecial: true));
            Assert.Equal(ids, copy.EncodeWithOffsets(text, allowSpecial: true).Select(span => span.Id));
            Assert.Equal(text, tokenizer.Decode(ids));
        }
    }

    private static IEnumerable<(string Text, int[] Ids)> Recorded(string tokenizer)
    {
        using var document = JsonDocument.Parse(File.ReadAllText(TextData.Fixture("recorded-ids.json")));
        foreach (var row in document.RootElement.EnumerateArray())
            yield return (row.GetProperty("text").GetString()!, [.. row.GetProperty(tokenizer).EnumerateArray().Select(id => id.GetInt32())]);
    }
}
