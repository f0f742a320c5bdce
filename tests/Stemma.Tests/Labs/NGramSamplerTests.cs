using Stemma.Models.NGram;
using Stemma.Text.Corpora;
using Xunit;

namespace Stemma.Tests.Labs;

/// <summary>What lab 11 shows holds on a text whose next letter is known.</summary>
public sealed class NGramSamplerTests
{
    private static readonly Document[] s_text = [new("circle", string.Concat(Enumerable.Repeat("abac", 400)))];

    [Fact]
    public void What_two_letters_leave_open_one_more_decides()
    {
        // After a comes b or c, by what stood before it; two letters seen decide that.
        using var pairs = new LetterCounts(s_text, 2, new MaximumLikelihood());
        using var triples = new LetterCounts(s_text, 3, new MaximumLikelihood());
        Assert.Equal(0.5, pairs.Bits(s_text).Bits, 0.01);
        Assert.Equal(0, triples.Bits(s_text).Bits, 0.01);
        Assert.Equal("abacabacabac", triples.Write("abac", 8, seed: 1));
    }

    [Fact]
    public void Counts_alone_hold_for_impossible_what_they_never_saw()
    {
        Document[] other = [new("another", "abbacc")];
        using var counts = new LetterCounts(s_text, 2, new MaximumLikelihood());
        using var smoothed = new LetterCounts(s_text, 2, new WittenBell());
        Assert.True(counts.Bits(other).Impossible > 0);
        Assert.Equal(0, smoothed.Bits(other).Impossible);
    }
}
