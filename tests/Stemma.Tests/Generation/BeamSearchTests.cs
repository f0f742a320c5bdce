using Stemma.Generation;
using Stemma.Models.Seq2Seq;
using Stemma.Numerics;
using Stemma.Tests.Models;
using Xunit;

namespace Stemma.Tests.Generation;

/// <summary>A beam as wide as all sequences finds what looking at every sequence finds; narrower ones find less, and nothing better.</summary>
public sealed class BeamSearchTests
{
    private const int Words = 4, Longest = 4;

    private static readonly ILanguageModel s_model = Loud(new()).Given(new[] { 1, 3, 2, 0 });

    [Theory]
    [InlineData(0.0, 0.0)]
    [InlineData(0.7, 0.0)]
    [InlineData(1.0, 0.4)]
    public void Full_width_equals_looking_at_every_sequence(double lengthPenalty, double coveragePenalty)
    {
        var search = new BeamSearch { Width = (int)Math.Pow(Words, Longest), MaxTokens = Longest, Best = 20, LengthPenalty = lengthPenalty, CoveragePenalty = coveragePenalty };
        var found = search.Search(s_model, new[] { 0 }, 0);
        var expected = Everything().Select(tokens => Scored(tokens, search)).OrderByDescending(hypothesis => hypothesis.Score).Take(20).ToArray();
        Assert.Equal(expected.Select(h => string.Join(' ', h.Tokens)), found.Select(h => string.Join(' ', h.Tokens)));
        foreach (var (a, b) in expected.Zip(found))
        {
            Assert.Equal(a.Score, b.Score, 1e-4);
            Assert.Equal(a.LogProbability, b.LogProbability, 1e-4);
            Assert.True(b.HasEnded);
        }
    }

    [Fact]
    public void A_width_of_one_is_greedy_and_wider_ones_are_never_worse_than_the_widest()
    {
        var best = new BeamSearch { Width = 256, MaxTokens = Longest }.Search(s_model, new[] { 0 }, 0)[0];
        var greedy = Generator.Continue(s_model, [0], Sampler.Greedy, new RandomStream(1)).Take(Longest).TakeWhile(token => token != 0).ToArray();
        Assert.Equal(greedy, new BeamSearch { Width = 1, MaxTokens = Longest }.Search(s_model, new[] { 0 }, 0)[0].Tokens);
        foreach (var width in (int[])[1, 2, 3, 5, 20])
            Assert.True(new BeamSearch { Width = width, MaxTokens = Longest }.Search(s_model, new[] { 0 }, 0) is [var found] && (!found.HasEnded || found.LogProbability <= best.LogProbability + 1e-9));
    }

    [Fact]
    public void Several_are_returned_in_order_and_no_two_alike()
    {
        var found = new BeamSearch { Width = 6, Best = 6, MaxTokens = 8, LengthPenalty = 1 }.Search(s_model, new[] { 0 }, 0);
        Assert.Equal(6, found.Count);
        Assert.Equal(found.OrderByDescending(hypothesis => hypothesis.Score), found);
        Assert.Equal(6, found.Select(hypothesis => string.Join(' ', hypothesis.Tokens)).Distinct().Count());
        Assert.All(found, hypothesis => Assert.Equal(hypothesis.Tokens.Count + 1, hypothesis.Alignment.Count));
    }

    [Fact]
    public void What_never_ends_is_cut_off_and_says_so()
    {
        var endless = new Stemma.Models.Uniform.UniformModel(5);
        var found = Assert.Single(new BeamSearch { Width = 2, MaxTokens = 3 }.Search(endless, new[] { 1 }, end: 4, tokenCount: 4));
        Assert.False(found.HasEnded);
        Assert.Equal(3, found.Tokens.Count);
        Assert.Equal(-3 * Math.Log(4), found.LogProbability, 1e-5);
    }

    [Fact]
    public void A_coverage_penalty_wants_a_model_that_looks()
    {
        var blind = Loud(new() { Attention = new NoAttentionConfig() }).Given(new[] { 1, 0 });
        Assert.Contains("attention", Assert.Throws<ConfigurationException>(() => new BeamSearch { CoveragePenalty = 0.2 }.Search(blind, new[] { 0 }, 0)).Message, StringComparison.Ordinal);
        Assert.Throws<ConfigurationException>(() => new BeamSearch { Width = 2, Best = 3 }.Search(blind, new[] { 0 }, 0));
        Assert.Throws<ConfigurationException>(() => new BeamSearch { Width = 0 }.Validate());
    }

    /// <summary>A tiny model with large weights: its distributions are far from even, and no two sequences tie.</summary>
    private static Seq2SeqModel Loud(Seq2SeqConfig config)
    {
        var model = PairTasks.Model(config with { EmbeddingSize = 6, HiddenSize = 8 }, Words);
        foreach (var weight in model.Parameters)
            foreach (ref var value in weight.Value.Span<float>()) value *= 3;
        return model;
    }

    private static IEnumerable<int[]> Everything()
    {
        List<int[]> sequences = [[]];
        for (var length = 0; length <= Longest; length++)
        {
            foreach (var sequence in sequences) yield return sequence;
            sequences = [.. sequences.SelectMany(sequence => Enumerable.Range(1, Words - 1).Select(token => (int[])[.. sequence, token]))];
        }
    }

    private static Hypothesis Scored(int[] tokens, BeamSearch search)
    {
        using var state = (IAlignedState)s_model.Start();
        var logProbabilities = new double[tokens.Length + 1];
        s_model.Advance([new(state, new[] { 0 }, Wanted.None)], []);
        s_model.Score(state, [.. tokens, 0], logProbabilities);
        var looks = state.Alignment.Take(tokens.Length + 1).ToArray();
        var coverage = Enumerable.Range(0, looks[0].Length).Sum(place => Math.Log(Math.Min(looks.Sum(weights => (double)weights[place]), 1)));
        var sum = logProbabilities.Sum();
        return new(tokens, sum, sum / Math.Pow((5.0 + tokens.Length + 1) / 6, search.LengthPenalty) + search.CoveragePenalty * coverage, true);
    }
}
