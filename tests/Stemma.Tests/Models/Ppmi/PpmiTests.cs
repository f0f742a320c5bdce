using Stemma.Models.Ppmi;
using Stemma.Models.WordEmbeddings;
using Stemma.Numerics.LinearAlgebra;
using Stemma.Tests.Models.Word2Vec;
using Stemma.Text.Corpora;
using Stemma.Text.Corpora.Words;
using Xunit;

namespace Stemma.Tests.Models.Ppmi;

public sealed class PpmiTests
{
    [Fact]
    public void Pairs_are_counted_as_by_hand()
    {
        // a b c | b a: within two words, the first sentence has a–b, a–c (two apart) and b–c, the second b–a.
        var corpus = WordCorpus.Read([new Document("text", "a b c\nb a")], new PlainWords());
        Assert.Equal(["a", "b", "c"], corpus.Vocabulary.Words);
        (DistanceWeight Weight, float Far)[] weights = [(new UniformWeight(), 1), (new HarmonicWeight(), 0.5f), (new LinearWeight(), 0.5f)];
        foreach (var (weight, far) in weights)
        {
            var counts = Cooccurrence.Count(corpus, 2, weight);
            Assert.Equal([0, 2, far, 2, 0, 1, far, 1, 0], Enumerable.Range(0, 9).Select(i => counts[i / 3, i % 3]));
        }
        Assert.Equal(2, new LinearWeight().At(2, 5) / new LinearWeight().At(4, 5), 1e-12);
        Assert.Equal(0, Cooccurrence.Count(corpus, 1, new UniformWeight())[0, 2]);
    }

    [Fact]
    public void Positive_mutual_information_is_that_of_the_textbook()
    {
        // Jurafsky and Martin, Speech and Language Processing, 3rd edition draft, figures 6.10 to 6.12 (in bits there): computer, data, result, pie, sugar.
        var rows = new (int[], float[])[]
        {
            ([0, 1, 2, 3, 4], [2, 8, 9, 442, 25]), ([2, 3, 4], [1, 60, 19]), ([0, 1, 2, 3, 4], [1670, 1683, 85, 5, 4]), ([0, 1, 2, 3, 4], [3325, 3982, 378, 5, 13]),
        };
        double[][] table = [[0, 0, 0, 4.38, 3.30], [0, 0, 0, 4.10, 5.51], [0.18, 0.01, 0, 0, 0], [0.02, 0.09, 0.28, 0, 0]];
        var matrix = PpmiMatrix.Of(new SparseMatrix(5, rows));
        for (var i = 0; i < 4; i++)
            for (var j = 0; j < 5; j++) Assert.Equal(table[i][j], matrix[i, j] / Math.Log(2), 0.0051);
    }

    [Fact]
    public void Shift_and_power_are_those_of_the_formula()
    {
        var counts = new SparseMatrix(2, [([0, 1], [8, 1]), ([0, 1], [1, 4])]);
        var (c0, c1) = (Math.Pow(9, 0.75), Math.Pow(5, 0.75));
        var matrix = PpmiMatrix.Of(counts, 0.75, 1.2);
        Assert.Equal(Math.Log(8 * (c0 + c1) / (9 * c0)) - Math.Log(1.2), matrix[0, 0], 1e-6);
        Assert.Equal(Math.Log(4 * (c0 + c1) / (5 * c1)) - Math.Log(1.2), matrix[1, 1], 1e-6);
        Assert.Equal(2, matrix.Count);
    }

    [Fact]
    public void Words_of_one_topic_come_together()
    {
        var vectors = new PpmiConfig { VectorSize = 10 }.Train(TopicText.Corpus());
        for (var id = 0; id < vectors.Count; id++)
            if (vectors.Words[id][0] == 't') Assert.All(vectors.Neighbours(id, TopicText.WordsPerTopic - 1), near => Assert.Equal(vectors.Words[id][..2], near.Word[..2]));
        Assert.Contains("Choose smaller vectors", Assert.Throws<ConfigurationException>(() => new PpmiConfig().Train(TopicText.Corpus(100))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Compression_loses_what_the_singular_values_left_out_say()
    {
        var vectors = new PpmiConfig { VectorSize = 12 }.Train(TopicText.Corpus(500));
        var whole = VectorCompression.Of(vectors, 12);
        Assert.Equal(0, whole.Error, 1e-6);
        for (var i = 0; i < vectors.Count; i++) Assert.Equal(vectors.Similarity(0, i), whole.Vectors.Similarity(0, i), 1e-5);
        var errors = Enumerable.Range(1, 12).Select(rank => VectorCompression.Of(vectors, rank).Error).ToArray();
        Assert.Equal(errors.OrderDescending(), errors);
        Assert.Equal(4, VectorCompression.Of(vectors, 4).Vectors.Size);
        Assert.Throws<ConfigurationException>(() => VectorCompression.Of(vectors, 13));
    }

    [Fact]
    public void Collocations_are_pairs_that_need_each_other()
    {
        var lines = string.Concat(Enumerable.Repeat("the new york of the old york and the new old thing of the thing\n", 30)) + string.Concat(Enumerable.Repeat("san diego is the city\n", 30));
        var corpus = WordCorpus.Read([new Document("text", lines)], new PlainWords());
        var found = Collocation.Find(corpus, 10, 100);
        var city = found.Single(pair => corpus.Vocabulary.Words[pair.First] == "san");
        Assert.Equal("diego", corpus.Vocabulary.Words[city.Second]);
        // 14 + 4 pairs a round, one of them this, and neither word in another such place.
        Assert.Equal((30, 1), (city.Count, Math.Round(city.Share, 12)));
        Assert.Equal(Math.Log(18), city.Information, 1e-12);
        Assert.Equal(found.Max(pair => pair.Share), city.Share, 1e-12);
        Assert.All(found, pair => Assert.InRange(pair.Share, -1, 1));
        Assert.Empty(Collocation.Find(corpus, 1000, 100));
    }
}
