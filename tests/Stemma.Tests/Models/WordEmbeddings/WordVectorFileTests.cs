using System.Text;
using Stemma.Models.WordEmbeddings;
using Stemma.Models.WordEmbeddings.Formats;
using Xunit;

namespace Stemma.Tests.Models.WordEmbeddings;

public sealed class WordVectorFileTests
{
    private static string Fixture(string name) => Path.Combine(AppContext.BaseDirectory, "Fixtures", "word-vectors", name);

    [Fact]
    public void Both_files_of_the_original_hold_the_same_vectors()
    {
        var (text, binary) = (WordVectorFile.Read(Fixture("original.txt")), WordVectorFile.Read(Fixture("original.bin")));
        Assert.Equal((34, 6), (text.Count, text.Size));
        Assert.Equal("</s>", text.Words[0]);
        Assert.Equal(text.Words, binary.Words);
        // The text has six decimals.
        for (var i = 0; i < text.Values.Length; i++) Assert.Equal(text.Values[i], binary.Values[i], 5e-7);
        Assert.Equal(0.066711f, text[0][0]);
    }

    [Fact]
    public void What_is_written_is_what_the_original_writes_and_is_read_back_to_the_bit()
    {
        using var folder = new TemporaryFolder();
        var vectors = WordVectorFile.Read(Fixture("original.bin"));
        WordVectorBinary.Write(folder["a.bin"], vectors);
        Assert.Equal(File.ReadAllBytes(Fixture("original.bin")), File.ReadAllBytes(folder["a.bin"]));
        WordVectorText.Write(folder["a.txt"], vectors);
        var again = WordVectorFile.Read(folder["a.txt"]);
        Assert.Equal(vectors.Words, again.Words);
        Assert.Equal(vectors.Values.ToArray(), again.Values.ToArray());
        Assert.Throws<ConfigurationException>(() => WordVectorText.Write(folder["b.txt"], new(["two words"], 1, [1])));
        Assert.False(File.Exists(folder["b.txt"]));
    }

    [Fact]
    public void Numbers_of_any_size_go_through_text()
    {
        using var folder = new TemporaryFolder();
        float[] values = [float.MaxValue, float.Epsilon, -0f, 1f / 3, 16777216, -1e-7f];
        WordVectorText.Write(folder["a.txt"], new(["x", "été"], 3, values));
        Assert.Equal(values.Select(BitConverter.SingleToInt32Bits), WordVectorFile.Read(folder["a.txt"]).Values.ToArray().Select(BitConverter.SingleToInt32Bits));
    }

    [Fact]
    public void GloVes_text_has_no_first_line_and_some_binary_files_no_line_ends()
    {
        Assert.Equal(["the", "of"], Read("the 0.5 -1e-3\nof 1 2").Words);
        Assert.Equal([1f, 2f], Read("the 0.5 -1e-3\r\nof 1 2\r\n")[1].ToArray());
        Assert.Equal(["a", "b"], Read([.. "2 1\na "u8, 0, 0, 128, 63, .. "b "u8, 0, 0, 0, 64]).Words);
    }

    [Theory]
    [InlineData("", "is empty")]
    [InlineData("\n\n", "has an empty line 1")]
    [InlineData("2 2\na 1 2\n", "says it holds 2 words of 2 numbers, for which its 10 bytes are too few")]
    [InlineData("2 2\nlonger 1.25 2.25\n", "says it holds 2 words and ends after 1; it was cut off")]
    [InlineData("2 2\na 1 2\nb 1\n", "has 1 numbers in line 3, where 2 should be")]
    [InlineData("1 2\na 1 2\nb 1 2\n", "goes on after its 1 words, in line 3; its first line is wrong")]
    [InlineData("2 2\na 1 2\na 1 2\n", "holds \"a\" twice: line 2 and line 3")]
    [InlineData("1 2\na 1 x\n", "holds \"x\" in line 2, which is no number")]
    [InlineData("1 2\na 1 NaN\n", "not finite, in the vector of \"a\" (line 2)")]
    [InlineData("1 2\na 1 1e99\n", "not finite, in the vector of \"a\" (line 2)")]
    [InlineData("1 2\n 1 2\n", "has no word before the numbers of line 2")]
    [InlineData("2 2\na 1 2\n\nb 1 2\n", "has an empty line 3")]
    [InlineData("0 5\n", "says it holds 0 words of 5 numbers")]
    [InlineData("-3 5\n", "says it holds -3 words of 5 numbers")]
    [InlineData("9000000000000000000 100\na 1\n", "for which its 28 bytes are too few")]
    [InlineData("3 2000000000\na 1\n", "says its vectors have 2,000,000,000 numbers")]
    [InlineData("once upon a time\nthere was\n", "holds \"upon\" in line 1, which is no number")]
    [InlineData("word\nother\n", "has no numbers after the word in line 1; it is none of the formats")]
    public void A_broken_text_file_is_refused_with_its_place(string text, string message) => Refuses(Encoding.UTF8.GetBytes(text), message);

    [Fact]
    public void A_broken_binary_file_is_refused_with_its_place()
    {
        byte[] whole = File.ReadAllBytes(Fixture("original.bin"));
        Refuses(whole[..^3], "ends within word 34 of 34; it was cut off", "too few");
        Refuses(whole[..500], "too few");
        Refuses([.. whole, 1, 2, 3], "goes on after its 34 words, at byte 998; its first line is wrong");
        Refuses([.. "1 1\n"u8, 0xFF, 0xFE, (byte)' ', 0, 0, 128, 63], "holds a word that is not UTF-8 (word 1 of 1");
        Refuses([.. "1 1\na "u8, 0, 0, 192, 127], "not finite, in the vector of \"a\" (word 1 of 1)");
        Refuses([.. "2 1\na "u8, 0, 0, 128, 63, .. "a "u8, 0, 0, 128, 63], "holds \"a\" twice: word 1 of 2 and word 2 of 2");
        // Any prefix and any changed byte: a message, never another exception.
        for (var length = 0; length < whole.Length; length += 7) Assert.Throws<CheckpointException>(() => Read(whole[..length]));
        for (var place = 0; place < 300; place++)
        {
            var changed = (byte[])whole.Clone();
            changed[place] ^= 0x5A;
            try
            {
                Read(changed);
            }
            catch (CheckpointException error)
            {
                Assert.StartsWith("vectors ", error.Message, StringComparison.Ordinal);
            }
        }
    }

    private static WordVectors Read(string text) => Read(Encoding.UTF8.GetBytes(text));

    private static WordVectors Read(byte[] bytes) => WordVectorFile.Read(new MemoryStream(bytes), "vectors", null, CancellationToken.None);

    private static void Refuses(byte[] bytes, params string[] messages)
    {
        var message = Assert.Throws<CheckpointException>(() => Read(bytes)).Message;
        Assert.True(messages.Any(wanted => message.Contains(wanted, StringComparison.Ordinal)), message);
        Assert.EndsWith(".", message, StringComparison.Ordinal);
    }
}
