using Stemma.Evaluation.Metrics.Translation;
using Stemma.Numerics;
using Xunit;

namespace Stemma.Tests.Evaluation.Metrics;

public sealed class SystemComparisonTests
{
    private static readonly string[] s_words = ["the", "cat", "sat", "on", "a", "mat", "and", "slept", "all", "day"];

    [Fact]
    public void A_clear_difference_is_sure_and_its_interval_holds_it()
    {
        var (references, good, bad) = (Texts(1, 0), Texts(1, 0.1), Texts(1, 0.5));
        var metric = new Bleu();
        var comparison = SystemComparison.Of(metric, Counts(metric, bad, references), Counts(metric, good, references), samples: 400);
        Assert.True(comparison.PValue < 0.01, $"{comparison.PValue}");
        Assert.True(comparison.Difference.Low > 0);
        Assert.InRange(comparison.Difference.Value, comparison.Difference.Low, comparison.Difference.High);
        Assert.Equal(comparison.System.Value - comparison.Baseline.Value, comparison.Difference.Value, 1e-9);
        Assert.Equal(comparison, SystemComparison.Of(metric, Counts(metric, bad, references), Counts(metric, good, references), samples: 400));
    }

    [Fact]
    public void A_system_does_not_differ_from_itself()
    {
        var (references, system) = (Texts(1, 0), Texts(1, 0.3));
        var metric = new Bleu();
        var comparison = SystemComparison.Of(metric, Counts(metric, system, references), Counts(metric, system, references), samples: 50);
        Assert.Equal(1, comparison.PValue);
        Assert.Equal(new ScoreInterval(0, 0, 0), comparison.Difference);
    }

    [Fact]
    public void Two_like_systems_seldom_seem_to_differ()
    {
        // Errors drawn alike: the p-values are those of the null hypothesis, at most 5 % of them below 0.05 up to chance.
        var metric = new TranslationEditRate();
        var references = Texts(1, 0, count: 40);
        var small = Enumerable.Range(0, 200).Count(trial =>
        {
            var (a, b) = (Texts(1, 0.3, noise: 2 * trial + 2, count: 40), Texts(1, 0.3, noise: 2 * trial + 3, count: 40));
            return SystemComparison.Of(metric, Counts(metric, a, references), Counts(metric, b, references), samples: 60).PValue < 0.05;
        });
        Assert.InRange(small, 1, 20);
    }

    [Fact]
    public void Segments_must_be_the_same()
    {
        var metric = new Bleu();
        Assert.Contains("3 and 2 segments", Assert.Throws<ArgumentException>(() => SystemComparison.Of(metric, new(3, metric.CountLength), new(2, metric.CountLength))).Message, StringComparison.Ordinal);
        Assert.Contains("2 hypotheses and references for 1", Assert.Throws<ArgumentException>(() => metric.CountAll(["a", "b"], [["a"]])).Message, StringComparison.Ordinal);
        Assert.Contains("Segment 1 has no reference", Assert.Throws<ArgumentException>(() => metric.CountAll(["a"], [[]])).Message, StringComparison.Ordinal);
    }

    private static SegmentCounts Counts(CorpusMetric metric, string[] system, string[] references) => metric.CountAll(system, [.. references.Select(reference => (string[])[reference])]);

    /// <summary>Sentences of a seed, each word replaced with a given chance.</summary>
    private static string[] Texts(ulong seed, double errors, int noise = 1, int count = 60)
    {
        var (words, chance) = (new RandomStream(seed), new RandomStream(seed).Fork((ulong)noise));
        return [.. Enumerable.Range(0, count).Select(i => string.Join(' ', Enumerable.Range(0, 12).Select(j =>
        {
            var place = (ulong)(i * 12 + j);
            return chance.Uniform(2 * place) < errors ? s_words[(int)(chance.Uniform(2 * place + 1) * s_words.Length)] : s_words[(int)(words.Uniform(place) * s_words.Length)];
        })))];
    }
}
