using Stemma.Evaluation.TextStatistics;
using Stemma.Numerics;
using Stemma.Numerics.Distributions;
using Stemma.Tests.Text;
using Xunit;

namespace Stemma.Tests.Evaluation.TextStatistics;

public sealed class TextStatisticsTests
{
    [Fact]
    public void A_chain_of_a_text_comes_to_rest_at_its_frequencies_and_so_does_what_it_writes()
    {
        var text = Letters("the river runs under old bridges and nobody counts its stones; the rain fell all night on the roof. ", 30);
        var (chain, counts) = (text.ToChain(), text.Counts());
        var rest = chain.Stationary(1e-13);
        for (var i = 0; i < counts.Length; i++) Assert.Equal(counts[i] / (double)text.Symbols.Length, rest[i], 1e-9);
        // What a generator writes: each letter as often, up to chance.
        var written = (text with { Symbols = chain.Sample(text.Symbols[0], 100_000, new RandomStream(3)) }).Counts();
        for (var i = 0; i < counts.Length; i++) Assert.Equal(rest[i], written[i] / 100_000.0, 0.01);
        // What the letter before tells is what it takes off the entropy: I(X; Y) = H(Y) − H(Y|X).
        var told = Information.MutualInformation(text.Pairs(1, closed: true));
        Assert.Equal(Information.EntropyOfCounts(counts) - chain.EntropyRate(), told, 1e-9);
    }

    [Fact]
    public void Information_of_a_chain_falls_exponentially_as_its_second_eigenvalue_says()
    {
        // Two states that change with probability 0.1: the chain forgets by a factor 0.8 a step, information by its square.
        var chain = new MarkovChain([[0.9, 0.1], [0.1, 0.9]]);
        var text = new SymbolSequence(chain.Sample(0, 400_000, new RandomStream(5)), ["a", "b"]);
        var information = LagInformation.Measure(text, [.. Enumerable.Range(1, 30)], new RandomStream(6));
        Assert.InRange(information.Told.Count, 8, 25);
        Assert.Equal(2 * Math.Log(0.8), LagInformation.Measure(text, [1, 2, 3, 4, 5, 6, 7, 8], new RandomStream(6)).Exponential!.Value.Slope, 0.04);
        Assert.True(information.Exponential!.Value.Determination > information.Power!.Value.Determination);
        Assert.True(information.Points[^1].Bits < information.Floor + 1e-4);
    }

    [Fact]
    public void Letters_of_a_novel_fall_like_a_power_and_those_of_its_chain_exponentially()
    {
        // Lin & Tegmark 2016: what grammar and topics bind reaches further than any chain of neighbours.
        var letters = SymbolSequence.Of([.. File.ReadAllText(TextData.Shared("tinyshakespeare", "input.txt")).Select(letter => letter.ToString())]);
        var chain = letters.ToChain();
        var drawn = letters with { Symbols = chain.Sample(letters.Symbols[0], letters.Symbols.Length, new RandomStream(1)) };
        var lags = LagInformation.Lags(300, perDecade: 5);
        LagInformation text = LagInformation.Measure(letters, lags, new RandomStream(2)), walk = LagInformation.Measure(drawn, lags, new RandomStream(2));
        Assert.True(text.Power!.Value.Determination > text.Exponential!.Value.Determination);
        Assert.InRange(text.Power.Value.Slope, -2.5, -0.8);
        Assert.True(walk.Told[^1].Lag <= 12, $"{walk.Told[^1].Lag}");
        Assert.True(text.Told[^1].Lag >= 100, $"{text.Told[^1].Lag}");
    }

    [Fact]
    public void Pairs_are_counted_at_their_distance()
    {
        var text = Letters("abcab", 1);
        Assert.Equal(["a", "b", "c"], text.Names);
        var pairs = text.Pairs(2);
        Assert.Equal((1, 1, 1), (pairs[0, 2], pairs[1, 0], pairs[2, 1]));
        Assert.Equal(3, pairs.Cast<long>().Sum());
        Assert.Equal(5, text.Pairs(2, closed: true).Cast<long>().Sum());
        Assert.Equal(["a", SymbolSequence.Others], SymbolSequence.Of(["a", "b", "a", "c"], 2).Names);
        Assert.Equal([0, 1, 0, 1], SymbolSequence.Of(["a", "b", "a", "c"], 2).Symbols);
        Assert.Throws<ArgumentOutOfRangeException>(() => text.Pairs(5));
        Assert.Throws<ArgumentException>(() => SymbolSequence.Of(["a"]));
    }

    [Fact]
    public void Collocations_are_what_stands_together_more_often_than_chance()
    {
        var random = new RandomStream(4);
        string[] others = ["of", "the", "a", "to", "and", "in", "it", "new", "york"];
        var words = Enumerable.Range(0, 4000).SelectMany(i => i % 40 == 0 ? (string[])["new", "york"] : [others[random.Below(others.Length, (ulong)i)]]).Select(word => (string?)word).ToArray();
        var found = Collocations.Find(words, least: 20);
        Assert.Equal(("new", "york"), (found[0].First, found[0].Second));
        Assert.True(found[0].Test.PValue < 1e-6);
        Assert.True(found[0].Bits > 0.2);
        // By the definition, and by hand on a small table: p(xy) / p(x)p(y) = 2/5 ÷ (2/5 · 2/5).
        var small = Assert.Single(Collocations.Find(["a", "b", "c", "a", "b", "c"], least: 2), pair => pair.First == "a");
        Assert.Equal(Math.Log2(5.0 / 2), small.Bits, 1e-12);
        Assert.Equal((2, 0.8), (small.Count, small.Expected));
        Assert.DoesNotContain(Collocations.Find(["a", null, "b", "a", null, "b"], 1), pair => pair.First == "a");
    }

    [Fact]
    public void Words_are_small_and_parted_by_punctuation() =>
        Assert.Equal(["new", "york", null, "it's", "well-known", null, null, "x", null], Collocations.WordsOf("New York, it's well-known.\nX"));

    private static SymbolSequence Letters(string text, int times) => SymbolSequence.Of([.. Enumerable.Repeat(text, times).SelectMany(part => part).Select(letter => letter.ToString())]);
}
