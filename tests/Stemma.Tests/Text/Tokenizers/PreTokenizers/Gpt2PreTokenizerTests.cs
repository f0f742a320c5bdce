using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Stemma.Text.Tokenizers.PreTokenizers;
using Xunit;

namespace Stemma.Tests.Text.Tokenizers.PreTokenizers;

public sealed class Gpt2PreTokenizerTests
{
    private static readonly Regex Published = new(@"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+", RegexOptions.CultureInvariant);

    [Theory]
    [InlineData("it's  Bob's\n\n  12km", new[] { "it", "'s", " ", " Bob", "'s", "\n\n ", " 12", "km" })]
    [InlineData("a   ", new[] { "a", "   " })]
    [InlineData(" \n x", new[] { " \n", " x" })]
    [InlineData("x\n\ty", new[] { "x", "\n", "\t", "y" })]
    [InlineData("𝒜𝒷 𝟘🙂", new[] { "𝒜𝒷", " 𝟘", "🙂" })]
    public void Words_are_those_of_the_published_pattern(string text, string[] words) => Assert.Equal(words, Split(text));

    [Fact]
    public void Scanner_equals_the_regex_over_random_text()
    {
        var random = new Random(1);
        for (var round = 0; round < 3000; round++)
        {
            var text = RandomText.Next(random, random.Next(1, 40));
            Assert.Equal(Reference(text), Split(text));
        }
    }

    [Fact]
    public void Text_may_be_cut_at_a_cut_point()
    {
        var random = new Random(2);
        for (var round = 0; round < 1000; round++)
        {
            var text = RandomText.Next(random, 30);
            var cut = Gpt2PreTokenizer.CutPoint(text, random.Next(1, text.Length));
            Assert.Equal(Split(text), Split(text[..cut]).Concat(Split(text[cut..])));
        }
    }

    private static List<string> Split(string text)
    {
        List<string> words = [];
        for (var start = 0; start < text.Length;)
        {
            var end = Gpt2PreTokenizer.WordEnd(text, start);
            words.Add(text[start..end]);
            start = end;
        }

        return words;
    }

    // .NET's patterns see UTF-16 units, the published one code points: each character outside the basic plane is matched as a
    // character of its class inside it, and the lengths are carried over.
    private static List<string> Reference(string text)
    {
        var standIns = new StringBuilder();
        foreach (var rune in text.EnumerateRunes()) standIns.Append(rune.IsBmp ? (char)rune.Value : StandIn(Rune.GetUnicodeCategory(rune)));
        var runes = text.EnumerateRunes().ToArray();
        return [.. Published.Matches(standIns.ToString()).Select(match => string.Concat(runes[match.Index..(match.Index + match.Length)]))];
    }

    private static char StandIn(UnicodeCategory category) => category switch
    {
        UnicodeCategory.UppercaseLetter or UnicodeCategory.LowercaseLetter or UnicodeCategory.TitlecaseLetter or UnicodeCategory.ModifierLetter or UnicodeCategory.OtherLetter => 'ж',
        UnicodeCategory.DecimalDigitNumber or UnicodeCategory.LetterNumber or UnicodeCategory.OtherNumber => '7',
        _ => '%',
    };
}
