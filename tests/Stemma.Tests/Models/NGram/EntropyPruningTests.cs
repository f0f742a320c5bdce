using Stemma.Models.NGram;
using Xunit;

namespace Stemma.Tests.Models.NGram;

/// <summary>Pruning by entropy does what its definition says.</summary>
public sealed class EntropyPruningTests
{
    private const double Threshold = 2e-4;

    [Fact]
    public void The_divergence_of_one_n_gram_is_the_relative_entropy_of_the_whole_context()
    {
        // Four words, of which two are known after h; w is one of them.
        double[] lower = [0.4, 0.3, 0.2, 0.1];
        double[] own = [0.5, 0.25, 0, 0];
        var weight = (1 - own.Sum()) / (1 - lower[0] - lower[1]);
        var after = (1 - own[1]) / (1 - lower[1]);
        var full = new[] { own[0], own[1], weight * lower[2], weight * lower[3] };
        var pruned = new[] { after * lower[0], own[1], after * lower[2], after * lower[3] };
        var expected = 0.125 * full.Zip(pruned, (p, q) => p * Math.Log(p / q)).Sum();
        Assert.Equal(expected, EntropyPruning.Divergence(0.125, own[0], lower[0], weight, own.Sum(), lower[0] + lower[1]), 1e-14);
    }

    [Theory, MemberData(nameof(SmoothingTests.Methods), MemberType = typeof(SmoothingTests))]
    public void What_is_left_sums_to_one_and_holds_together(Smoothing smoothing)
    {
        var (whole, pruned) = (Entries(smoothing, 0), Entries(smoothing, Threshold));
        Assert.InRange(pruned.Count, 31, whole.Count - 20);
        var predicted = pruned.Keys.Where(words => !words.Contains(' ', StringComparison.Ordinal) && words != "<s>").ToArray();
        foreach (var words in pruned.Keys)
        {
            // Looking up from the last word backwards must find the way, and a context its weight.
            if (words.IndexOf(' ', StringComparison.Ordinal) is var first and > 0) Assert.Contains(words[(first + 1)..], (IReadOnlyDictionary<string, (double, double)>)pruned);
            if (words.LastIndexOf(' ') is var last and > 0) Assert.Contains(words[..last], (IReadOnlyDictionary<string, (double, double)>)pruned);
            if (words.Count(c => c == ' ') < 3) Assert.Equal(1, predicted.Sum(word => TinyCorpus.Probability(pruned, words.Split(' '), word)), 2e-5);
        }
        // What stays keeps its probability.
        foreach (var (words, (probability, _)) in pruned) Assert.Equal(whole[words].Probability, probability);
    }

    [Fact]
    public void Without_a_threshold_nothing_goes_and_a_larger_one_leaves_less()
    {
        int[] counts = [.. ((double[])[0, 1e-5, 1e-4, 1e-3]).Select(threshold => Entries(new WittenBell(), threshold).Count)];
        Assert.Equal(counts.OrderDescending(), counts);
        Assert.True(counts[3] < counts[0] / 2);
    }

    [Fact]
    public void Scores_are_not_pruned_by_entropy() =>
        Assert.Contains("scores of stupid backoff are none", Assert.Throws<ConfigurationException>(() => new NGramConfig { Smoothing = new StupidBackoff(), EntropyThreshold = 1e-7 }.Validate()).Message, StringComparison.Ordinal);

    private static Dictionary<string, (double Probability, double Backoff)> Entries(Smoothing smoothing, double threshold)
    {
        using var table = new NGramTrainer { Model = new() { Order = 4, Smoothing = smoothing, EntropyThreshold = threshold }, ThreadCount = 1 }.TrainWords(TinyCorpus.Random(120), TestContext.Current.CancellationToken).Table;
        return TinyCorpus.Entries(table);
    }
}
