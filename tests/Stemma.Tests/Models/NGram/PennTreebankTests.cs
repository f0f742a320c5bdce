using System.IO.Compression;
using Stemma.Models.NGram;
using Stemma.Tests.Text;
using Stemma.Text.Corpora;
using Xunit;

namespace Stemma.Tests.Models.NGram;

/// <summary>Perplexities on the Penn Treebank, as published and as KenLM has them.</summary>
public sealed class PennTreebankTests
{
    [Fact]
    public void Perplexity_is_that_of_kenlm_and_of_the_literature()
    {
        using var folder = new TemporaryFolder();
        var train = Train();
        // KenLM's lmplz and query on the same text with <unk> renamed: 141.1862; Mikolov et al. publish 141.2.
        var test = Test();
        Assert.Equal(141.1862, Perplexity(folder, train, test, new ModifiedKneserNey()), 1e-3);
    }

    [Fact]
    public void Methods_come_in_the_order_of_the_literature()
    {
        using var folder = new TemporaryFolder();
        var (train, test) = (Train(), Test());
        double[] perplexities = [.. ((Smoothing[])[new AddK { K = 0.01 }, new WittenBell(), new KneserNey(), new ModifiedKneserNey()]).Select(smoothing => Perplexity(folder, train, test, smoothing, order: 3))];
        Assert.Equal(perplexities.OrderDescending(), perplexities);
    }

    [Fact]
    public void A_belief_beats_the_greatest_likelihood_on_text_it_has_not_seen()
    {
        // Set before it was run: the likeliest estimates call something of the held-out text impossible; among priors, one that knows the
        // lower order is worth more than half of the perplexity of one that thinks all words alike.
        using var folder = new TemporaryFolder();
        var (train, test) = (Train(), Test());
        Assert.Equal(double.PositiveInfinity, Perplexity(folder, train, test, new MaximumLikelihood(), order: 3));
        var (flat, hierarchical) = (Perplexity(folder, train, test, new AddK { K = 0.01 }, order: 3), Perplexity(folder, train, test, new HierarchicalDirichlet(), order: 3));
        Assert.True(hierarchical < 0.5 * flat, $"{hierarchical} against {flat}");
    }

    [Fact]
    public void Counts_of_counts_as_lmplz_has_them_give_its_probabilities()
    {
        // lmplz -o 3, Log10 as its ARPA file has it.
        (string Word, double Log10)[] goldens =
        [
            ("<unk>", -5.3312373), ("</s>", -1.6812928), ("the", -1.9040618), ("of", -2.0134702), ("N", -2.4241116), ("company", -2.9714875),
            ("aer", -5.1267033), ("daffynition", -5.1267033), ("tci", -4.470388), ("unilab", -4.8243284),
        ];
        var train = Train();
        var (lmplz, paper) = (Difference(new LmplzKneserNey()), Difference(new ModifiedKneserNey()));
        Assert.True(lmplz < 1e-6, $"{lmplz}");
        // Nothing but the counts of counts: the paper's are one n-gram apart, and that can be seen.
        Assert.InRange(paper, 1e-5, 1e-3);

        double Difference(Smoothing smoothing)
        {
            using var table = new NGramTrainer { Model = new() { Order = 3, Smoothing = smoothing }, ThreadCount = 2 }.TrainWords(train).Table;
            var found = new Dictionary<string, double>();
            using var unigrams = table.Orders[0].Read();
            for (var id = 0; unigrams.MoveNext(); id++) found.Add(table.Vocabulary[id], unigrams.Current.LogProbability);
            return goldens.Max(golden => Math.Abs(golden.Log10 - found[golden.Word]));
        }
    }

    private static Document[] Train()
    {
        using var stream = new GZipStream(File.OpenRead(TextData.Shared("ptb", "ptb.train.txt.gz")), CompressionMode.Decompress);
        using var reader = new StreamReader(stream);
        return [new("train", reader.ReadToEnd().Replace("<unk>", "UNK", StringComparison.Ordinal))];
    }

    private static string Test() => File.ReadAllText(TextData.Shared("ptb", "ptb.test.txt")).Replace("<unk>", "UNK", StringComparison.Ordinal);

    private static double Perplexity(TemporaryFolder folder, Document[] train, string test, Smoothing smoothing, int order = 5)
    {
        var (table, tokenizer) = new NGramTrainer { Model = new() { Order = order, Smoothing = smoothing }, ThreadCount = 2 }.TrainWords(train);
        using (table) NGramFile.Write(folder["ptb.ngram"], table);
        using var model = NGramModel.Open(folder["ptb.ngram"]);
        var ids = tokenizer.Encode(test);
        Assert.Equal(82430, ids.Length);
        var scores = new double[ids.Length];
        using var state = model.Start();
        model.Score(state, ids, scores);
        return Math.Exp(-scores.Average());
    }
}
