using Stemma.Numerics;
using Stemma.Text.Tokenizers.Words;
using Xunit;

namespace Stemma.Tests.Text;

public sealed class WordTableTests
{
    [Fact]
    public void A_hash_does_not_depend_on_what_stands_beside_the_word()
    {
        var random = new RandomStream(7);
        var text = string.Concat(Enumerable.Range(0, 200).Select(i => (char)(33 + random.Bits((ulong)i) % 900)));
        for (var start = 0; start < text.Length; start++)
            for (var length = 0; length <= Math.Min(50, text.Length - start); length++)
                Assert.Equal(WordTable.Hash(text.AsSpan(start, length)), WordTable.Hash(text, start, length));
    }

    [Fact]
    public void Words_of_every_length_are_told_apart_and_found_again()
    {
        var table = new WordTable();
        var words = Enumerable.Range(0, 5000).Select(i => new string((char)('a' + i % 3), i % 40) + i.ToString(System.Globalization.CultureInfo.InvariantCulture)).ToArray();
        for (var i = 0; i < words.Length; i++) Assert.Equal(i, table.FindOrAdd(words[i]));
        for (var i = 0; i < words.Length; i++)
        {
            Assert.Equal(i, table.Find(words[i]));
            Assert.Equal(words[i], new string(table[i]));
            Assert.Equal(-1, table.Find(words[i] + "x"));
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(15)]
    [InlineData(16)]
    [InlineData(17)]
    [InlineData(40)]
    public void White_space_is_found_wherever_it_stands(int length)
    {
        foreach (var space in "\t\n\v\f\r ")
        {
            var (text, words) = ($"{new string('w', length)}{space}{new string('\u2009', length)}{space}x\u0008 end", new List<string>());
            var splitter = new WordSplitter(text);
            while (splitter.Next(out var word))
            {
                words.Add(new string(word));
                if (!word.IsEmpty) Assert.Equal(word, text.AsSpan(splitter.Position - word.Length, word.Length));
            }
            string[] expected = space == '\n' ? [new('w', length), "", new('\u2009', length), "", "x\u0008", "end"] : [new('w', length), new('\u2009', length), "x\u0008", "end"];
            Assert.Equal(expected, words);
        }
    }
}
