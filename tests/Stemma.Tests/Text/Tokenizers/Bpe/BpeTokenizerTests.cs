using System.Text;
using Stemma.Text.Tokenizers;
using Stemma.Text.Tokenizers.Bpe;
using Xunit;

namespace Stemma.Tests.Text.Tokenizers.Bpe;

public sealed class BpeTokenizerTests
{
    private static BpeTokenizer Tokenizer => TrainedTokenizer.Instance;

    [Fact]
    public void Decoding_gives_back_any_text()
    {
        var random = new Random(4);
        for (var round = 0; round < 1000; round++)
        {
            var text = RandomText.Next(random, random.Next(0, 60));
            Assert.Equal(text, Tokenizer.Decode(Tokenizer.Encode(text)));
            Assert.Equal(text, Tokenizer.Decode(Tokenizer.Encode(text, allowSpecial: true)));
        }
    }

    [Fact]
    public void Ids_equal_those_of_the_published_algorithm()
    {
        var random = new Random(5);
        for (var round = 0; round < 300; round++)
        {
            var text = RandomText.Next(random, 20) + string.Concat(random.GetItems(TrainedTokenizer.Lines.ToArray(), 1));
            Assert.Equal(SlowBpe.Encode(Words.Of(text), Tokenizer), Tokenizer.Encode(text));
        }
    }

    [Theory]
    [InlineData(WordMerger.HeapLength - 1)]
    [InlineData(WordMerger.HeapLength)]
    [InlineData(1500)]
    public void Long_words_are_encoded_like_short_ones(int length)
    {
        var random = new Random(6);
        for (var round = 0; round < 20; round++)
        {
            var word = new string(random.GetItems("theandinggaaabö".AsSpan(), length));
            Assert.Equal(SlowBpe.Encode([word], Tokenizer), Tokenizer.Encode(word));
        }
    }

    [Fact]
    public void A_lone_surrogate_is_read_as_the_replacement_character() =>
        Assert.Equal("a\ufffdb", Tokenizer.Decode(Tokenizer.Encode("a\ud800b")));

    [Fact]
    public void Special_tokens_in_text_are_plain_text_unless_allowed()
    {
        var end = Tokenizer.EndOfText!.Value;
        Assert.DoesNotContain(end, Tokenizer.Encode("a<|endoftext|>b"));
        Assert.Equal([.. Tokenizer.Encode("a"), end, end, .. Tokenizer.Encode(" b")], Tokenizer.Encode("a<|endoftext|><|endoftext|> b", allowSpecial: true));
        Assert.Equal("<|endoftext|>", Tokenizer.Piece(end));
    }

    [Fact]
    public void Appending_counting_and_encoding_agree()
    {
        List<int> ids = [7];
        Tokenizer.Encode("the story of it", ids);
        Assert.Equal([7, .. Tokenizer.Encode("the story of it")], ids);
        Assert.Equal(ids.Count - 1, Tokenizer.CountTokens("the story of it"));
    }

    [Fact]
    public void Many_threads_encode_alike()
    {
        var text = string.Concat(TrainedTokenizer.Lines);
        var expected = Tokenizer.Encode(text);
        Parallel.For(0, 16, _ => Assert.Equal(expected, Tokenizer.Encode(text)));
    }

    [Fact]
    public void Offsets_cover_the_text_in_characters_and_bytes()
    {
        var random = new Random(7);
        for (var round = 0; round < 300; round++)
        {
            var text = RandomText.Next(random, random.Next(0, 30));
            var allowSpecial = round % 2 == 0;
            var spans = Tokenizer.EncodeWithOffsets(text, allowSpecial);
            Assert.Equal(Tokenizer.Encode(text, allowSpecial), spans.Select(span => span.Id));
            var bytes = Encoding.UTF8.GetBytes(text);
            var position = 0;
            foreach (var span in spans)
            {
                Assert.Equal(position, span.ByteStart);
                Assert.Equal(bytes[span.ByteStart..span.ByteEnd], Tokenizer.Bytes(span.Id).ToArray());
                Assert.Equal(Tokenizer.Piece(span.Id), span.Piece);

                // The characters are the shortest whole ones that hold the bytes.
                var before = Encoding.UTF8.GetByteCount(text.AsSpan(0, span.CharStart));
                var within = Encoding.UTF8.GetByteCount(text.AsSpan(span.CharStart, span.CharEnd - span.CharStart));
                Assert.InRange(span.ByteStart - before, 0, 3);
                Assert.InRange(before + within - span.ByteEnd, 0, 3);
                position = span.ByteEnd;
            }

            Assert.Equal(bytes.Length, position);
        }
    }

    [Fact]
    public void A_part_of_a_character_has_the_characters_span()
    {
        var spans = Tokenizer.EncodeWithOffsets("a\U000102A0b");
        Assert.All(spans.Where(span => span.ByteStart is >= 1 and < 5), span => Assert.Equal((1, 3), (span.CharStart, span.CharEnd)));
        Assert.True(spans.Count > 3);
    }

    [Fact]
    public void An_id_outside_the_vocabulary_is_named() =>
        Assert.Contains("Token 700 is outside the vocabulary of 700 tokens", Assert.Throws<ArgumentOutOfRangeException>(() => Tokenizer.Decode([700])).Message, StringComparison.Ordinal);

    [Fact]
    public void Streaming_never_breaks_a_character_and_adds_up()
    {
        var random = new Random(8);
        var decoder = new StreamingDecoder(Tokenizer);
        for (var round = 0; round < 300; round++)
        {
            // Half of the rounds decode ids that make no text at all.
            var ids = round % 2 == 0 ? Tokenizer.Encode(RandomText.Next(random, 20)) : [.. Enumerable.Range(0, 50).Select(_ => random.Next(Tokenizer.VocabSize))];
            var pieces = ids.Select(decoder.Append).ToList();
            pieces.Add(decoder.Flush());
            Assert.Equal(Tokenizer.Decode(ids), string.Concat(pieces));
            Assert.All(pieces.Where(piece => piece.Length > 0), piece => Assert.False(char.IsLowSurrogate(piece[0]) || char.IsHighSurrogate(piece[^1])));
        }
    }

    [Fact]
    public void A_dangling_byte_is_flushed_as_one_replacement_character()
    {
        var decoder = new StreamingDecoder(Tokenizer);
        var first = Enumerable.Range(0, 256).First(id => Tokenizer.Bytes(id)[0] == 0xF0);
        Assert.Equal("", decoder.Append(first));
        Assert.Equal("\ufffd", decoder.Flush());
        Assert.Equal("", decoder.Flush());
    }
}
