using System.Text.Json;
using Stemma.Text.Tokenizers;
using Stemma.Text.Tokenizers.PostProcessors;
using Xunit;

namespace Stemma.Tests.Text.Tokenizers.Formats;

/// <summary>Every component of <c>tokenizer.json</c> against what Hugging Face's library did (recorded by <c>Fixtures/Text/make-pipelines.js</c>).</summary>
public sealed class PipelineTests
{
    [Fact]
    public void Every_component_does_what_the_original_did()
    {
        using var folder = new TemporaryFolder();
        using var document = JsonDocument.Parse(File.ReadAllText(TextData.Fixture("pipelines.json")));
        var cases = 0;
        foreach (var pipeline in document.RootElement.EnumerateArray())
        {
            var name = pipeline.GetProperty("name").GetString()!;
            var tokenizer = Tokenizer.Load(folder.Write($"{name}.json", pipeline.GetProperty("json").GetRawText()));
            foreach (var row in pipeline.GetProperty("cases").EnumerateArray())
            {
                var text = row.GetProperty("text").GetString()!;
                Assert.True(Equals(tokenizer, text, row), $"{name}: {JsonSerializer.Serialize(text)}");
                cases++;
            }
        }

        Assert.True(cases > 1500);
    }

    [Fact]
    public void Every_component_is_written_so_that_it_reads_back_equal()
    {
        using var folder = new TemporaryFolder();
        using var document = JsonDocument.Parse(File.ReadAllText(TextData.Fixture("pipelines.json")));
        var hashes = new HashSet<string>();
        foreach (var pipeline in document.RootElement.EnumerateArray())
        {
            var tokenizer = Tokenizer.Load(folder.Write("first.json", pipeline.GetProperty("json").GetRawText()));
            tokenizer.Save(folder["second.json"]);
            var copy = Tokenizer.Load(folder["second.json"]);
            copy.Save(folder["third.json"]);
            Assert.Equal(tokenizer.Hash, copy.Hash);
            Assert.Equal(File.ReadAllBytes(folder["second.json"]), File.ReadAllBytes(folder["third.json"]));
            Assert.True(hashes.Add(tokenizer.Hash), $"{pipeline.GetProperty("name")} has the hash of another pipeline.");
        }
    }

    [Fact]
    public void Spans_cover_the_text_they_stand_for_through_normalisation()
    {
        using var folder = new TemporaryFolder();
        using var document = JsonDocument.Parse(File.ReadAllText(TextData.Fixture("pipelines.json")));
        foreach (var pipeline in document.RootElement.EnumerateArray())
        {
            var tokenizer = Tokenizer.Load(folder.Write("a.json", pipeline.GetProperty("json").GetRawText()));
            for (var round = 0; round < 10; round++)
            {
                var text = RandomText.Next(new Random(round), 12);
                var spans = tokenizer.EncodeWithOffsets(text, allowSpecial: true);
                Assert.Equal(tokenizer.Encode(text, allowSpecial: true), spans.Select(span => span.Id));
                Assert.Equal(spans.Count, tokenizer.CountTokens(text, allowSpecial: true));
                Assert.All(spans, span =>
                {
                    Assert.InRange(span.CharStart, 0, span.CharEnd);
                    Assert.InRange(span.CharEnd, span.CharStart, text.Length);
                    Assert.InRange(span.ByteEnd, span.ByteStart, System.Text.Encoding.UTF8.GetByteCount(text));
                });
            }
        }
    }

    [Fact]
    public void A_span_is_that_of_the_original_characters()
    {
        using var folder = new TemporaryFolder();
        var path = folder.Write("tokenizer.json", """
            {"normalizer": {"type": "Sequence", "normalizers": [{"type": "NFKD"}, {"type": "StripAccents"}, {"type": "Lowercase"}]},
             "pre_tokenizer": {"type": "WhitespaceSplit"}, "post_processor": null, "decoder": null, "truncation": null, "padding": null, "added_tokens": [],
             "model": {"type": "WordLevel", "vocab": {"?": 0, "office": 1, "cafe": 2, "ab": 3}, "unk_token": "?"}}
            """);
        var spans = Tokenizer.Load(path).EncodeWithOffsets("Oﬃce CAFÉ 🙂 𝐀B");
        Assert.Equal([(1, 0, 4, 0, 6), (2, 5, 9, 7, 12), (0, 10, 12, 13, 17), (3, 13, 16, 18, 23)], spans.Select(span => (span.Id, span.CharStart, span.CharEnd, span.ByteStart, span.ByteEnd)));
    }

    [Fact]
    public void Truncation_gives_what_it_cut_off_in_overlapping_windows()
    {
        using var folder = new TemporaryFolder();
        var path = folder.Write("tokenizer.json", """
            {"normalizer": null, "pre_tokenizer": {"type": "WhitespaceSplit"}, "decoder": null, "padding": null, "added_tokens": [],
             "truncation": {"max_length": 5, "stride": 1, "strategy": "LongestFirst"},
             "post_processor": {"type": "BertProcessing", "sep": ["]", 1], "cls": ["[", 2]},
             "model": {"type": "WordLevel", "vocab": {"?": 0, "]": 1, "[": 2, "a": 3, "b": 4, "c": 5, "d": 6, "e": 7, "f": 8}, "unk_token": "?"}}
            """);
        var input = Assert.IsType<PipelineTokenizer>(Tokenizer.Load(path)).Process("a b c d e f");
        Assert.Equal([2, 3, 4, 5, 1], input.Ids);
        Assert.Equal([[2, 5, 6, 7, 1], [2, 7, 8, 1]], input.Overflow.Select(window => window.Ids));
    }

    [Fact]
    public void Streaming_gives_the_same_text_as_decoding_at_once()
    {
        using var folder = new TemporaryFolder();
        foreach (var decoder in (string[])[
            """{"type": "Sequence", "decoders": [{"type": "Replace", "pattern": {"String": "▁"}, "content": " "}, {"type": "ByteFallback"}, {"type": "Fuse"}, {"type": "Strip", "content": " ", "start": 1, "stop": 0}]}""",
            """{"type": "Sequence", "decoders": [{"type": "Fuse"}, {"type": "Strip", "content": "a", "start": 2, "stop": 2}, {"type": "Replace", "pattern": {"String": "ab"}, "content": "c"}]}""",
            """{"type": "BPEDecoder", "suffix": "b"}""", """{"type": "Metaspace", "replacement": "▁", "prepend_scheme": "first", "split": true}""", "null"])
        {
            var vocab = string.Join(", ", ((string[])["a", "b", "▁", "▁a", "ab", "<0xC3>", "<0xA9>", "<0xFF>"]).Select((piece, id) => $"\"{piece}\": {id}"));
            var tokenizer = Tokenizer.Load(folder.Write("a.json", $$$"""{"decoder": {{{decoder}}}, "model": {"type": "WordLevel", "vocab": { {{{vocab}}} }, "unk_token": "a"}}"""));
            var random = new Random(3);
            for (var round = 0; round < 200; round++)
            {
                int[] ids = [.. Enumerable.Range(0, random.Next(10)).Select(_ => random.Next(8))];
                var stream = new StreamingDecoder(tokenizer);
                Assert.Equal(tokenizer.Decode(ids), string.Concat(ids.Select(stream.Append)) + stream.Flush());
            }
        }
    }

    private static bool Equals(Tokenizer tokenizer, string text, JsonElement row)
    {
        int[] ids = [.. row.GetProperty("ids").EnumerateArray().Select(id => id.GetInt32())];
        if (!row.TryGetProperty("pair", out var pair))
            return tokenizer.Encode(text, allowSpecial: true).SequenceEqual(ids) && (!row.TryGetProperty("decoded", out var decoded) || tokenizer.Decode(ids) == decoded.GetString());
        EncodedText input = ((PipelineTokenizer)tokenizer).Process(text, pair.GetString(), allowSpecial: true);
        return input.Ids.SequenceEqual(ids) && input.TypeIds.SequenceEqual(row.GetProperty("types").EnumerateArray().Select(id => id.GetInt32()))
            && input.AttentionMask.SequenceEqual(row.GetProperty("mask").EnumerateArray().Select(id => id.GetInt32()));
    }
}
