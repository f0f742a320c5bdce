using Stemma.Evaluation.TextStatistics;
using Xunit;

namespace Stemma.Tests.Evaluation.TextStatistics;

public sealed class WordGrowthTests
{
    [Fact]
    public void Words_drawn_by_Zipf_s_law_show_its_exponent()
    {
        // By inversion: frequency ∝ rank^-1 over 20,000 words.
        var random = new Random(4);
        var sums = new double[20_000];
        for (var rank = 1; rank <= sums.Length; rank++) sums[rank - 1] = (rank > 1 ? sums[rank - 2] : 0) + 1.0 / rank;
        var words = Enumerable.Range(0, 200_000).Select(_ => Array.BinarySearch(sums, random.NextDouble() * sums[^1])).Select(at => $"w{(at < 0 ? ~at : at)}").ToList();
        var growth = WordGrowth.Of(words);
        Assert.InRange(growth.ZipfExponent, 0.95, 1.05);
        Assert.InRange(growth.HeapsExponent, 0.4, 0.9);
        Assert.Equal(words.Count, growth.Frequencies.Sum());
        Assert.Equal((words.Count, words.Distinct().Count()), growth.Growth[^1]);

        // By definition, at one size.
        var known = words.Take(words.Count - words.Count / 10).CountBy(word => word).OrderByDescending(pair => pair.Value).ThenBy(pair => pair.Key, StringComparer.Ordinal).ToList();
        var (size, share) = growth.Misses.First(point => point.VocabSize >= 1000);
        var vocabulary = known.Take(size).Select(pair => pair.Key).ToHashSet();
        Assert.Equal(words.TakeLast(words.Count / 10).Count(word => !vocabulary.Contains(word)) / (double)(words.Count / 10), share, 1e-12);
        Assert.True(growth.Misses.Zip(growth.Misses.Skip(1)).All(pair => pair.First.Share >= pair.Second.Share));
    }

    [Fact]
    public void Too_few_words_are_refused() => Assert.Throws<ArgumentException>(() => WordGrowth.Of(Enumerable.Repeat("a", 99)));
}
