using Stemma.Models.GloVe;
using Stemma.Models.WordEmbeddings;
using Stemma.Tests.Models.Word2Vec;
using Xunit;

namespace Stemma.Tests.Models.GloVe;

public sealed class GloVeTests
{
    [Fact]
    public void The_first_step_is_the_gradient_by_central_differences()
    {
        const int Size = 5;
        const double Target = 1.7, Weight = 0.6, Rate = 0.01;
        using var tables = new GloVeTables(2, Size, new(3));
        double[] word = [.. tables.Words[0].ToArray().Select(x => (double)x)], context = [.. tables.Contexts[1].ToArray().Select(x => (double)x)];
        double[] biases = [tables.WordBiases[0], tables.ContextBiases[1]];
        double Loss() => 0.5 * Weight * Math.Pow(word.Zip(context, (a, b) => a * b).Sum() + biases.Sum() - Target, 2);
        Assert.Equal(Loss(), tables.Learn(0, 1, Target, Weight, (float)Rate), 1e-6);
        foreach (var (values, moved) in ((double[], float[])[])[(word, tables.Words[0].ToArray()), (context, tables.Contexts[1].ToArray()), (biases, [tables.WordBiases[0], tables.ContextBiases[1]])])
        {
            for (var i = 0; i < values.Length; i++)
            {
                var kept = values[i];
                values[i] = kept + 1e-5;
                var up = Loss();
                values[i] = kept - 1e-5;
                var down = Loss();
                values[i] = kept;
                Assert.Equal(-Rate * (up - down) / 2e-5, moved[i] - (float)kept, 1e-7);
            }
        }
    }

    [Fact]
    public void Steps_bring_the_loss_to_nothing()
    {
        using var tables = new GloVeTables(2, 3, new(4));
        for (var i = 0; i < 3000; i++) tables.Learn(0, 1, 2, 1, 0.05f);
        Assert.InRange(tables.Learn(0, 1, 2, 1, 0.05f), 0, 1e-6);
    }

    [Fact]
    public void Words_of_one_topic_come_together_and_the_seed_decides_the_bits()
    {
        var corpus = TopicText.Corpus();
        var config = new GloVeConfig { VectorSize = 10, Passes = 60 };
        var vectors = config.Train(corpus);
        for (var id = 0; id < vectors.Count; id++)
            if (vectors.Words[id][0] == 't') Assert.Equal(vectors.Words[id][..2], vectors.Neighbours(id, 1)[0].Word[..2]);
        Assert.Equal(vectors.Values.ToArray(), config.Train(corpus).Values.ToArray());
        Assert.NotEqual(vectors.Values.ToArray(), config.Train(corpus, seed: 2).Values.ToArray());
    }
}
