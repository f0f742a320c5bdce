using Stemma.Models.Mixture;
using Stemma.Models.NGram;
using Stemma.Tests.Models.NGram;
using Stemma.Text.Corpora;
using Stemma.Text.Tokenizers.Words;
using Xunit;

namespace Stemma.Tests.Models.Mixture;

public sealed class MixtureTests
{
    [Fact]
    public void Probabilities_are_weighted_sums_whichever_way_one_asks()
    {
        using var folder = new TemporaryFolder();
        var (tokenizer, parts) = Parts(folder);
        using var mixture = new MixtureModel(parts, [0.7, 0.3]);
        var ids = tokenizer.Encode(TinyCorpus.Random(5, seed: 3)[0].Text);
        var scores = new double[ids.Length];
        using (var state = mixture.Start()) mixture.Score(state, ids, scores);
        var single = parts.Select(part =>
        {
            var own = new double[ids.Length];
            using var state = part.Start();
            part.Score(state, ids, own);
            return own;
        }).ToArray();
        for (var t = 0; t < ids.Length; t++) Assert.Equal((0.7 * Math.Exp(single[0][t])) + (0.3 * Math.Exp(single[1][t])), Math.Exp(scores[t]), 1e-12);

        var logits = new float[ids.Length * mixture.VocabSize];
        using var steps = mixture.Start();
        mixture.Advance([new(steps, ids.AsMemory(0, 1), Wanted.None)], []);
        mixture.Advance([new(steps, ids.AsMemory(1), Wanted.All)], logits);
        Assert.Equal(ids.Length, steps.Length);
        for (var t = 1; t + 1 < ids.Length; t++)
        {
            var row = logits.AsSpan((t - 1) * mixture.VocabSize, mixture.VocabSize).ToArray();
            Assert.Equal(1, row.Sum(logit => Math.Exp(logit)), 1e-5);
            Assert.Equal(scores[t + 1], row[ids[t + 1]], 1e-5);
        }
    }

    [Fact]
    public void Fitted_weights_find_the_share_that_made_the_text()
    {
        // A coin decides for each token which of two distributions it comes from: 0.8 and 0.2.
        var random = new Random(5);
        double[][] distributions = [[0.7, 0.2, 0.1], [0.1, 0.2, 0.7]];
        var tokens = Enumerable.Range(0, 40_000).Select(_ => Draw(random, distributions[random.NextDouble() < 0.8 ? 0 : 1])).ToArray();
        var fitted = MixtureWeights.Fit([.. distributions.Select(part => tokens.Select(token => Math.Log(part[token])).ToArray())]);
        // The standard deviation of the estimate is about 0.004.
        Assert.InRange(fitted.Values[0], 0.78, 0.82);
        Assert.Equal(1, fitted.Values.Sum(), 1e-12);
        Assert.True(fitted.LossNatsPerToken < fitted.PartLosses.Min());
        // No other weight is better.
        foreach (var other in (double[])[fitted.Values[0] - 0.01, fitted.Values[0] + 0.01])
            Assert.True(-tokens.Average(token => Math.Log((other * distributions[0][token]) + ((1 - other) * distributions[1][token]))) > fitted.LossNatsPerToken);
    }

    [Fact]
    public void A_part_that_knows_nothing_of_a_token_leaves_it_to_the_others()
    {
        var fitted = MixtureWeights.Fit([[double.NegativeInfinity, Math.Log(0.5)], [Math.Log(0.1), Math.Log(0.1)]]);
        // max over λ of ln(0.1(1 − λ)) + ln(0.5λ + 0.1(1 − λ)): λ = 3/8.
        Assert.Equal(0.375, fitted.Values[0], 1e-4);
        Assert.Contains("impossible to every model", Assert.Throws<ConfigurationException>(() => MixtureWeights.Fit([[double.NegativeInfinity], [double.NegativeInfinity]])).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(new[] { 1.0 }, "2 models")]
    [InlineData(new[] { 0.7, 0.7 }, "shares of a whole")]
    [InlineData(new[] { 1.5, -0.5 }, "shares of a whole")]
    public void Weights_that_are_none_are_refused(double[] weights, string part) =>
        Assert.Contains(part, Assert.Throws<ConfigurationException>(() => MixtureModel.Validate(weights, 2)).Message, StringComparison.Ordinal);

    private static (WordTokenizer Tokenizer, NGramModel[] Parts) Parts(TemporaryFolder folder)
    {
        var token = TestContext.Current.CancellationToken;
        var (table, tokenizer) = new NGramTrainer { Model = new() { Order = 3 }, ThreadCount = 1 }.TrainWords(TinyCorpus.Random(60), token);
        using (table) NGramFile.Write(folder["a.ngram"], table);
        // Scores of stupid backoff are no probabilities; the mixture must normalise them.
        using (var other = new NGramTrainer { Model = new() { Order = 2, Smoothing = new StupidBackoff() }, ThreadCount = 1 }.Train([new Document("other", TinyCorpus.Random(60, seed: 2)[0].Text)], tokenizer, token)) NGramFile.Write(folder["b.ngram"], other);
        return (tokenizer, [NGramModel.Open(folder["a.ngram"]), NGramModel.Open(folder["b.ngram"])]);
    }

    private static int Draw(Random random, double[] distribution)
    {
        var draw = random.NextDouble();
        for (var i = 0; i < distribution.Length - 1; i++)
            if ((draw -= distribution[i]) < 0) return i;
        return distribution.Length - 1;
    }
}
