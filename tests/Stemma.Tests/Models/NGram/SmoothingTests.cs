using Stemma.Models.NGram;
using Stemma.Numerics.Distributions;
using Xunit;

namespace Stemma.Tests.Models.NGram;

/// <summary>Every method against its paper's formula, worked out by hand on "a b a" and "a b b".</summary>
public sealed class SmoothingTests
{
    // Tokens: <unk> <s> </s> a b, of which four can be predicted. After <s>: a 2. After a: b 2, </s> 1. After b: a 1, b 1, </s> 1.
    // Unigrams: a 3, b 3, </s> 2, 8 in all. Different words before: a {<s>, b}, b {a, b}, </s> {a, b}, 6 in all.
    public static TheoryData<Smoothing, string, string, double> Goldens => new()
    {
        { new MaximumLikelihood(), "a", "b", 2.0 / 3 },
        { new MaximumLikelihood(), "a", "a", 0 },
        { new AddK { K = 0.5 }, "a", "b", 2.5 / 5 },
        { new AddK { K = 0.5 }, "a", "<unk>", 0.5 / 5 },
        // α = 2: p(b) = (3 + 2/4) / (8 + 2), p(b|a) = (2 + 2·p(b)) / (3 + 2).
        { new HierarchicalDirichlet { Concentration = 2 }, "a", "b", (2 + (2 * 0.35)) / 5 },
        { new HierarchicalDirichlet { Concentration = 2 }, "a", "<unk>", 2 * 0.05 / 5 },
        // T(a) = 2, T() = 3: p(b) = (3 + 3/4) / 11, p(b|a) = (2 + 2·p(b)) / 5.
        { new WittenBell(), "a", "b", (2 + (2 * 3.75 / 11)) / 5 },
        { new WittenBell(), "<s>", "<unk>", 1.0 / 3 * (0.75 / 11) },
        // Bigrams: n₁ = 4, n₂ = 2, D = 1/2. No unigram was seen once, D = 0.75: p(b) = 2.25/8 + 3·0.75/8/4.
        { new AbsoluteDiscounting(), "a", "b", (1.5 / 3) + (1.0 / 3 * ((2.25 / 8) + (2.25 / 32))) },
        // No word has exactly one before it, D = 0.75: p(b) = 1.25/6 + 2.25/6/4.
        { new KneserNey(), "a", "b", (1.5 / 3) + (1.0 / 3 * ((1.25 / 6) + (2.25 / 24))) },
        { new KneserNey(), "b", "<unk>", 1.5 / 3 * (2.25 / 24) },
        // n₃ = 0, so that 0.5, 1 and 1.5 are taken: p(b) = (2 − 1)/6 + 3/6/4.
        { new ModifiedKneserNey(), "a", "b", (1.0 / 3) + (1.5 / 3 * ((1.0 / 6) + (3.0 / 24))) },
        { new StupidBackoff(), "a", "b", 2.0 / 3 },
        { new StupidBackoff(), "a", "a", 0.4 * 3 / 8 },
    };

    public static TheoryData<Smoothing> Methods => [new MaximumLikelihood(), new AddK { K = 0.3 }, new HierarchicalDirichlet(), new WittenBell(), new AbsoluteDiscounting(), new KneserNey(), new ModifiedKneserNey()];

    [Theory, MemberData(nameof(Goldens))]
    public void Probabilities_are_those_of_the_formula(Smoothing smoothing, string context, string word, double expected)
    {
        using var table = new NGramTrainer { Model = new() { Order = 2, Smoothing = smoothing }, ThreadCount = 1 }.TrainWords(TinyCorpus.Sentences, TestContext.Current.CancellationToken).Table;
        Assert.Equal(expected, TinyCorpus.Probability(TinyCorpus.Entries(table), [context], word), 1e-12);
    }

    [Theory, MemberData(nameof(Methods))]
    public void Every_context_sums_to_one(Smoothing smoothing)
    {
        foreach (var prune in (long[][])[[], [0, 0, 1]])
        {
            using var table = new NGramTrainer { Model = new() { Order = 4, Smoothing = smoothing, Prune = prune }, ThreadCount = 1 }.TrainWords(TinyCorpus.Random(120), TestContext.Current.CancellationToken).Table;
            var entries = TinyCorpus.Entries(table);
            var predicted = entries.Keys.Where(words => !words.Contains(' ', StringComparison.Ordinal) && words != "<s>").ToArray();
            foreach (var context in entries.Keys.Where(words => words.Count(c => c == ' ') < 3).Append("never seen"))
                Assert.Equal(1, predicted.Sum(word => TinyCorpus.Probability(entries, context.Split(' '), word)), 1e-9);
        }
    }

    [Fact]
    public void Add_k_is_the_mean_of_a_dirichlet_posterior()
    {
        const double K = 0.7;
        using var table = new NGramTrainer { Model = new() { Order = 3, Smoothing = new AddK { K = K } }, ThreadCount = 1 }.TrainWords(TinyCorpus.Random(40), TestContext.Current.CancellationToken).Table;
        var entries = TinyCorpus.Entries(table);
        var vocabulary = entries.Keys.Where(words => !words.Contains(' ', StringComparison.Ordinal) && words != "<s>").ToArray();
        var sentences = TinyCorpus.Random(40)[0].Text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => $"<s> {line} </s>".Split(' ')).ToArray();
        foreach (var context in (string[][])[["w0", "w1"], ["w1", "w0"], ["w29", "w28"]])
        {
            long[] counts = [.. vocabulary.Select(word => (long)sentences.Sum(words => Enumerable.Range(0, words.Length - 2).Count(i => words[i] == context[0] && words[i + 1] == context[1] && words[i + 2] == word)))];
            var posterior = Dirichlet.Symmetric(vocabulary.Length, K).Posterior(counts).Mean;
            for (var i = 0; i < vocabulary.Length; i++) Assert.Equal(posterior.Probabilities[i], TinyCorpus.Probability(entries, context, vocabulary[i]), 1e-12);
        }
    }

    [Fact]
    public void Discounts_can_be_given()
    {
        // (2 − 0.8)/3 + (2·0.8)/3·((2 − 0.8)/6 + (0.8·3)/6/4): "a b" twice, "a </s>" once; b and </s> after two words, a after two.
        var smoothing = new ModifiedKneserNey { Discounts = [new(0.8, 0.8, 0.8), new(0.8, 0.8, 0.8)] };
        var warnings = new List<string>();
        using var table = new NGramTrainer { Model = new() { Order = 2, Smoothing = smoothing }, ThreadCount = 1, Warn = warnings.Add }.TrainWords(TinyCorpus.Sentences, TestContext.Current.CancellationToken).Table;
        Assert.Equal((1.2 / 3) + (1.6 / 3 * ((1.2 / 6) + (2.4 / 24))), TinyCorpus.Probability(TinyCorpus.Entries(table), ["a"], "b"), 1e-12);
        Assert.Empty(warnings);
        Assert.Contains("one for each order", Assert.Throws<ConfigurationException>(() => new NGramConfig { Order = 3, Smoothing = smoothing }.Validate()).Message, StringComparison.Ordinal);
        Assert.Contains("2-grams are 0, 2.5 and 1", Assert.Throws<ConfigurationException>(() => new NGramConfig { Order = 2, Smoothing = smoothing with { Discounts = [default, new(0, 2.5, 1)] } }.Validate()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_hierarchical_model_is_a_posterior_mean_whose_prior_is_the_lower_order()
    {
        const double Alpha = 3;
        using var table = new NGramTrainer { Model = new() { Order = 3, Smoothing = new HierarchicalDirichlet { Concentration = Alpha } }, ThreadCount = 1 }.TrainWords(TinyCorpus.Random(40), TestContext.Current.CancellationToken).Table;
        var entries = TinyCorpus.Entries(table);
        var vocabulary = entries.Keys.Where(words => !words.Contains(' ', StringComparison.Ordinal) && words != "<s>").ToArray();
        var sentences = TinyCorpus.Random(40)[0].Text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => $"<s> {line} </s>".Split(' ')).ToArray();
        foreach (var context in (string[][])[["w0", "w1"], ["w1", "w0"], ["w29", "w28"]])
        {
            long[] counts = [.. vocabulary.Select(word => (long)sentences.Sum(words => Enumerable.Range(0, words.Length - 2).Count(i => words[i] == context[0] && words[i + 1] == context[1] && words[i + 2] == word)))];
            var prior = new Dirichlet([.. vocabulary.Select(word => Alpha * TinyCorpus.Probability(entries, context[1..], word))]);
            var posterior = prior.Posterior(counts).Mean;
            for (var i = 0; i < vocabulary.Length; i++) Assert.Equal(posterior.Probabilities[i], TinyCorpus.Probability(entries, context, vocabulary[i]), 1e-9);
        }
    }

    [Fact]
    public void What_cannot_be_estimated_is_said()
    {
        var warnings = new List<string>();
        using var table = new NGramTrainer { Model = new() { Order = 2 }, ThreadCount = 1, Warn = warnings.Add }.TrainWords(TinyCorpus.Sentences, TestContext.Current.CancellationToken).Table;
        Assert.Equal(2, warnings.Count);
        Assert.Contains("1-grams", warnings[0], StringComparison.Ordinal);
        Assert.Contains("0.5, 1 and 1.5", warnings[1], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0, new long[0], "The order is 0")]
    [InlineData(2, new long[] { 1 }, "unigrams is 1")]
    [InlineData(3, new long[] { 0, 2, 1 }, "fall")]
    public void Wrong_settings_are_named(int order, long[] prune, string part) =>
        Assert.Contains(part, Assert.Throws<ConfigurationException>(() => new NGramTrainer { Model = new() { Order = order, Prune = prune } }.TrainWords(TinyCorpus.Sentences)).Message, StringComparison.Ordinal);
}
