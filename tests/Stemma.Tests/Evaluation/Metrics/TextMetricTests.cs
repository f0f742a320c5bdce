using Stemma.Evaluation.Metrics;
using Xunit;

namespace Stemma.Tests.Evaluation.Metrics;

/// <summary>Values worked out by hand from the definitions, several of them those of the original packages' own tests.</summary>
public sealed class TextMetricTests
{
    [Theory]
    [InlineData("testing", "testing one two", 1, 1.0, 1.0 / 3)]
    [InlineData("testing", "testing one two", 2, 0.0, 0.0)]
    [InlineData("the cat was under the bed", "the cat was found under the bed", 1, 1.0, 6.0 / 7)]
    [InlineData("the cat was under the bed", "the cat was found under the bed", 2, 4.0 / 5, 4.0 / 6)]
    [InlineData("THE Cat! the", "the, cat.", 1, 2.0 / 3, 1.0)]
    [InlineData("", "something", 1, 0.0, 0.0)]
    public void Rouge_n_counts_common_runs(string summary, string reference, int order, double precision, double recall) =>
        Assert.Equal(new FScore(precision, recall), Rouge.N(summary, reference, order));

    [Fact]
    public void Rouge_l_keeps_the_order_of_words()
    {
        Assert.Equal(new FScore(1, 2.0 / 3), Rouge.L("testing one", "testing one two"));
        // "police kill the gunman": "police the gunman" is common to both, in order.
        Assert.Equal(new FScore(3.0 / 4, 3.0 / 4), Rouge.L("police kill the gunman", "police killed the gunman"));
        Assert.Equal(new FScore(2.0 / 4, 2.0 / 4), Rouge.L("the gunman kill police", "police killed the gunman"));
    }

    [Fact]
    public void Stems_are_those_of_the_original()
    {
        string[][] golden = [.. File.ReadLines(Path.Combine(AppContext.BaseDirectory, "Fixtures", "metrics", "porter.tsv")).Select(line => line.Split('\t'))];
        Assert.True(golden.Length > 3000);
        Assert.Empty(golden.Where(pair => PorterStemmer.Stem(pair[0]) != pair[1]).Select(pair => $"{pair[0]}: {PorterStemmer.Stem(pair[0])}, not {pair[1]}"));
    }

    [Fact]
    public void Rouge_of_stems_forgives_endings()
    {
        // Words of up to three letters stay as they are: "was" is not cut to "wa".
        const string Summary = "the cats were running home", Reference = "the cat was run home";
        Assert.Equal(new FScore(2.0 / 5, 2.0 / 5), Rouge.N(Summary, Reference, 1));
        Assert.Equal(new FScore(4.0 / 5, 4.0 / 5), Rouge.N(Summary, Reference, 1, stem: true));
        Assert.Equal(new FScore(2.0 / 4, 2.0 / 4), Rouge.N(Summary, Reference, 2, stem: true));
        Assert.Equal(new FScore(4.0 / 5, 4.0 / 5), Rouge.L(Summary, Reference, stem: true));
        Assert.Equal(new FScore(4.0 / 5, 4.0 / 5), Rouge.LSum(Summary, Reference, stem: true));
    }

    [Fact]
    public void Rouge_lsum_takes_the_union_over_sentences()
    {
        // Lin 2004, section 3.2: w1 w2 with the first sentence, w1 w3 w5 with the second; together four of the reference's five.
        var score = Rouge.LSum("w1 w2 w6 w7 w8\nw1 w3 w8 w9 w5", "w1 w2 w3 w4 w5");
        Assert.Equal(0.8, score.Recall, 1e-12);
        Assert.Equal(0.4, score.Precision, 1e-12);
        Assert.Equal(0.5333, score.F1, 1e-4);
        Assert.Equal(default, Rouge.LSum("", "w1"));
    }

    [Theory]
    [InlineData("this is a test", "this is a test", 4, 0, 0, 0)]
    [InlineData("this was the test", "this is a test", 2, 2, 0, 0)]
    [InlineData("this a test now", "this is a test", 3, 0, 1, 1)]
    [InlineData("", "two words", 0, 0, 2, 0)]
    [InlineData("b c d", "a b c", 2, 0, 1, 1)]
    public void Word_errors_are_the_fewest(string recognised, string reference, int hits, int substitutions, int deletions, int insertions) =>
        Assert.Equal(new WordErrors(hits, substitutions, deletions, insertions), WordErrors.OfWords(recognised, reference));

    [Fact]
    public void Error_rates_are_taken_of_sums()
    {
        var errors = WordErrors.OfWords("hello word", "hello world") + WordErrors.OfWords("and so on and on", "and so on");
        Assert.Equal(3.0 / 5, errors.Rate, 1e-12);
        Assert.Equal(3.0 / 7, errors.MatchErrorRate, 1e-12);
        Assert.Equal(1 - 4.0 / 5 * 4 / 7, errors.InformationLost, 1e-12);
        Assert.Equal(1.0 / 11, WordErrors.OfCharacters("hello word", "hello world").Rate, 1e-12);
        Assert.Contains("no error rate", Assert.Throws<InvalidOperationException>(() => WordErrors.OfWords("a", "").Rate).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void F_scores_of_classes()
    {
        // scikit-learn's own example: y_true = 0 1 2 0 1 2, y_pred = 0 2 1 0 0 1 has macro F1 0.26…, micro 0.33….
        var scores = new Classification(["0", "2", "1", "0", "0", "1"], ["0", "1", "2", "0", "1", "2"]);
        Assert.Equal(1.0 / 3, scores.Accuracy, 1e-12);
        Assert.Equal(1.0 / 3, scores.MicroF1, 1e-12);
        Assert.Equal(0.8 / 3, scores.MacroF1, 1e-12);
        Assert.Equal(0.8 / 3, scores.WeightedF1, 1e-12);
        Assert.Equal(new FScore(2.0 / 3, 1), scores["0"]);
    }

    [Fact]
    public void Entities_are_right_as_a_whole()
    {
        // The example of seqeval's README: one of two entities, the longer one misses its first token.
        string[][] actual = [["O", "O", "O", "B-MISC", "I-MISC", "I-MISC", "O"], ["B-PER", "I-PER", "O"]];
        string[][] predicted = [["O", "O", "B-MISC", "I-MISC", "I-MISC", "I-MISC", "O"], ["B-PER", "I-PER", "O"]];
        var scores = Entities.Score(predicted, actual);
        Assert.Equal(0.5, scores.Micro.F1, 1e-12);
        Assert.Equal(0.5, scores.MacroF1, 1e-12);
        Assert.Equal(1, scores.Types["PER"].F1);
        Assert.Equal(0, scores.Types["MISC"].F1);
    }

    [Fact]
    public void Entities_begin_where_a_type_changes()
    {
        Assert.Equal([new("PER", 0, 2), new("LOC", 2, 3), new("PER", 3, 4)], Entities.Of(["I-PER", "I-PER", "I-LOC", "B-PER", "O"]));
        Assert.Equal([new("A", 0, 1), new("A", 1, 2), new("B", 3, 5)], Entities.Of(["B-A", "B-A", "O", "B-B", "E-B"]));
        Assert.Contains("Token 2 has the tag \"PER\"", Assert.Throws<ArgumentException>(() => Entities.Of(["O", "PER"])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Answers_differ_neither_by_case_nor_by_articles()
    {
        Assert.Equal("eiffel tower", Answers.Normalize("The Eiffel-Tower!".Replace('-', ' ')));
        Assert.True(Answers.ExactMatch("the Eiffel Tower.", ["Paris", "eiffel tower"]));
        Assert.False(Answers.ExactMatch("tower", ["eiffel tower"]));
        Assert.Equal(2.0 / 3, Answers.F1("tower", ["Paris", "an Eiffel tower"]), 1e-12);
    }

    [Fact]
    public void Calibration_is_the_distance_of_claim_and_truth()
    {
        // Four at 0.9, three of them right; two at 0.3, none right: 4/6 · 0.15 + 2/6 · 0.3.
        double[] confidences = [0.9, 0.9, 0.9, 0.9, 0.3, 0.3];
        bool[] isRight = [true, true, true, false, false, false];
        Assert.Equal(0.2, Calibration.ExpectedError(confidences, isRight, 10), 1e-12);
        var bins = Calibration.Bins(confidences, isRight, 10);
        Assert.Equal(4, bins[8].Count);
        Assert.Equal(2, bins[2].Count);
        Assert.Throws<ArgumentException>(() => Calibration.ExpectedError([1.1], [true]));
    }
}
