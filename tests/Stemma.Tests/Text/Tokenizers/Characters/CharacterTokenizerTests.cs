using System.Text;
using Stemma.Text;
using Stemma.Text.Tokenizers.Characters;
using Xunit;

namespace Stemma.Tests.Text.Tokenizers.Characters;

public sealed class CharacterTokenizerTests
{
    [Fact]
    public void Tiny_Shakespeare_has_65_characters_in_nanoGPTs_order()
    {
        var text = File.ReadAllText(TextData.Shared("tinyshakespeare", "input.txt"));
        var tokenizer = new CharacterTrainer().Train([text]);
        Assert.Equal(65, tokenizer.VocabSize);
        Assert.Equal([46, 47, 47, 1, 58, 46, 43, 56, 43], tokenizer.Encode("hii there"));
        Assert.Equal(text, tokenizer.Decode(tokenizer.Encode(text)));
    }

    [Fact]
    public void Ids_follow_the_order_of_code_points()
    {
        var tokenizer = new CharacterTrainer { SpecialTokens = ["<|endoftext|>"] }.Train(["b🙂a", "\uffee"]);
        Assert.Equal(["a", "b", "\uffee", "🙂", "<|endoftext|>"], Enumerable.Range(0, tokenizer.VocabSize).Select(tokenizer.Piece));
        Assert.Equal([3, 0, 2], tokenizer.Encode("🙂a\uffee"));
    }

    [Fact]
    public void An_unknown_character_is_named_with_its_offset()
    {
        var tokenizer = new CharacterTrainer { SpecialTokens = ["<s>"] }.Train(["abc"]);
        Assert.StartsWith("The character 'é' (U+00E9) at offset 3 is not among the 3 characters", Assert.Throws<TextFormatException>(() => tokenizer.Encode("abcé")).Message, StringComparison.Ordinal);
        Assert.Contains("(U+1F642) at offset 4", Assert.Throws<TextFormatException>(() => tokenizer.Encode("<s>a🙂", allowSpecial: true)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void With_byte_fallback_any_text_comes_back()
    {
        var tokenizer = new CharacterTrainer { ByteFallback = true }.Train(["abc <0x41>"]);
        Assert.Equal(tokenizer.CharacterCount + 256, tokenizer.VocabSize);
        var random = new Random(9);
        for (var round = 0; round < 300; round++)
        {
            var text = RandomText.Next(random, 20);
            Assert.Equal(text, tokenizer.Decode(tokenizer.Encode(text)));
            Assert.Equal(Encoding.UTF8.GetByteCount(text), tokenizer.EncodeWithOffsets(text) is { Count: > 0 } spans ? spans[^1].ByteEnd : 0);
        }

        Assert.Equal(["<0xC3>", "<0xA9>"], tokenizer.EncodeWithOffsets("é").Select(span => span.Piece));
        Assert.All(tokenizer.EncodeWithOffsets("é"), span => Assert.Equal((0, 1), (span.CharStart, span.CharEnd)));
    }

    [Fact]
    public void Cutting_keeps_surrogate_pairs_whole()
    {
        var tokenizer = new CharacterTrainer().Train(["a🙂"]);
        Assert.Equal(1, tokenizer.CutPoint("a🙂a", 2));
        Assert.Equal(3, tokenizer.CutPoint("a🙂a", 3));
    }

    [Fact]
    public void An_empty_text_has_no_characters_to_train_on() =>
        Assert.Throws<TextFormatException>(() => new CharacterTrainer().Train([""]));
}
