using System.Runtime.InteropServices;
using Stemma.Evaluation.Statistics;
using Stemma.Models.Word2Vec;
using Stemma.Models.WordEmbeddings;
using Stemma.Numerics;
using Stemma.Numerics.Distributions;
using Xunit;

namespace Stemma.Tests.Models.Word2Vec;

/// <summary>Negative sampling and hierarchical softmax by their definitions.</summary>
public sealed unsafe class ObjectiveTests
{
    private const int Size = 13, Vectors = 2;

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(6)]
    [InlineData(16)]
    public void A_step_is_the_gradient_by_central_differences(int count)
    {
        int[] rows = [.. Enumerable.Range(0, count)];
        double[] labels = [.. rows.Select((_, i) => i == 0 ? 1.0 : 0)];
        var random = new RandomStream(3);
        var hidden = Enumerable.Range(0, Size).Select(i => random.Normal((ulong)i)).ToArray();
        var weights = Enumerable.Range(0, count).Select(row => Enumerable.Range(0, Size).Select(i => random.Normal((ulong)(1000 + row * Size + i)) / 2).ToArray()).ToArray();
        var (moved, error) = Step(hidden, weights, rows, labels, rate: 1);

        double Loss() => -rows.Select((row, i) => Math.Log(1 / (1 + Math.Exp((1 - 2 * labels[i]) * hidden.Zip(weights[row], (h, w) => h * w).Sum())))).Sum();
        double Difference(double[] values, int i)
        {
            var (kept, step) = (values[i], 1e-5);
            values[i] = kept + step;
            var up = Loss();
            values[i] = kept - step;
            var down = Loss();
            values[i] = kept;
            return (up - down) / (2 * step);
        }

        for (var i = 0; i < Size; i++) Assert.Equal(-Difference(hidden, i), error[i], 2e-5);
        for (var row = 0; row < count; row++)
            for (var i = 0; i < Size; i++) Assert.Equal(-Difference(weights[row], i), moved[row][i] - (float)weights[row][i], 2e-5);
    }

    [Fact]
    public void A_row_that_comes_twice_takes_both_steps()
    {
        double[] hidden = [.. Enumerable.Range(1, Size).Select(i => 0.1 * i)];
        double[][] weights = [[.. hidden.Select(h => -h)], new double[Size]];
        var (once, _) = Step(hidden, weights, [0], [0], rate: 0.5f);
        var (twice, _) = Step(hidden, weights, [0, 0, 1], [0, 0, 1], rate: 0.5f);
        for (var i = 0; i < Size; i++) Assert.Equal(2 * (once[0][i] - weights[0][i]), twice[0][i] - weights[0][i], 1e-6);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(24)]
    public void Probabilities_of_the_tree_sum_to_one(int words)
    {
        var tree = new HuffmanTree([.. Enumerable.Range(0, words).Select(i => 1000L / (i + 1))]);
        var random = new RandomStream(4);
        // The score of each fork, as any hidden vector would give it.
        var scores = Enumerable.Range(0, words - 1).Select(i => 3 * random.Normal((ulong)i)).ToArray();
        var sum = 0.0;
        for (var word = 0; word < words; word++)
        {
            var (probability, nodes, turns) = (1.0, tree.Nodes(word).ToArray(), tree.Turns(word).ToArray());
            for (var i = 0; i < nodes.Length; i++) probability *= 1 / (1 + Math.Exp(turns[i] ? scores[nodes[i]] : -scores[nodes[i]]));
            Assert.InRange(probability, 0, 1);
            sum += probability;
        }
        Assert.Equal(1, sum, 1e-12);
    }

    [Fact]
    public void The_tree_is_the_shortest_code()
    {
        // Entropy ≤ mean length < entropy + 1 holds for Huffman's code; for powers of two it is the entropy.
        long[] counts = [8, 4, 2, 1, 1];
        var tree = new HuffmanTree(counts);
        Assert.Equal([1, 2, 3, 4, 4], Enumerable.Range(0, 5).Select(word => tree.Nodes(word).Length));
        Assert.Equal(4, tree.MostDepth);
        var corpus = TopicText.Corpus();
        var own = new HuffmanTree(corpus.Vocabulary.Counts);
        var entropy = Categorical.MaximumLikelihood(corpus.Vocabulary.Counts).Entropy / Math.Log(2);
        var mean = Enumerable.Range(0, corpus.Vocabulary.Count).Sum(word => (double)corpus.Vocabulary.Counts[word] * own.Nodes(word).Length) / corpus.WordCount;
        Assert.InRange(mean, entropy, entropy + 1);
    }

    [Fact]
    public void Negative_samples_follow_the_counts_to_the_power_and_are_never_the_word()
    {
        var corpus = TopicText.Corpus(500);
        using var layer = new NegativeSampling { Count = 4 }.Build(corpus.Vocabulary, 3);
        var (bits, rows, labels, counts) = (new RandomBits(new(9)), new int[5], new float[5], new long[corpus.Vocabulary.Count]);
        for (var i = 0; i < 20_000; i++)
        {
            var count = layer.Ask(7, bits, rows, labels);
            Assert.Equal((7, 1f), (rows[0], labels[0]));
            Assert.InRange(count, 1, 5);
            foreach (var row in rows[1..count]) counts[row]++;
        }
        Assert.Equal(0, counts[7]);
        double[] expected = [.. corpus.Vocabulary.Counts.ToArray().Select((count, word) => word == 7 ? 0 : Math.Pow(count, 0.75))];
        Assert.True(SignificanceTests.ChiSquare([.. counts.Where((_, word) => word != 7)], new([.. expected.Where((_, word) => word != 7)])).PValue > 0.01);
    }

    [Fact]
    public void An_alias_table_draws_as_its_weights_say()
    {
        double[] weights = [5, 1, 0, 3, 1, 0.01];
        var table = new AliasTable(weights);
        var counts = new long[weights.Length];
        var random = new RandomStream(17);
        for (var i = 0UL; i < 200_000; i++) counts[table.Sample(random.Bits(i))]++;
        Assert.Equal(0, counts[2]);
        Assert.True(SignificanceTests.ChiSquare(counts, new(weights)).PValue > 0.01);
        // Every part of the range of bits, by exact measure: the share of them that each outcome gets.
        var shares = new double[weights.Length];
        for (var i = 0; i < 1 << 20; i++) shares[table.Sample((uint)i << 12)] += 1.0 / (1 << 20);
        for (var i = 0; i < weights.Length; i++) Assert.Equal(weights[i] / 10.01, shares[i], 1e-5);
        Assert.Throws<ArgumentException>(() => new AliasTable([0, 0]));
    }

    private static (float[][] Rows, float[] Error) Step(double[] hidden, double[][] weights, int[] asked, double[] labels, float rate)
    {
        var capacity = LogisticRows.Capacity(asked.Length);
        using var matrix = new RowMatrix(weights.Length + 1, Size);
        Assert.Equal(Vectors, matrix.VectorCount);
        for (var row = 0; row < weights.Length; row++)
            for (var i = 0; i < Size; i++) matrix[row][i] = (float)weights[row][i];
        var memory = (float*)NativeMemory.AllocZeroed((nuint)(2 * 8 * Vectors + 2 * capacity) * sizeof(float));
        var pointers = (float**)NativeMemory.Alloc((nuint)capacity, (nuint)sizeof(float*));
        float* input = memory, error = memory + 8 * Vectors, answers = error + 8 * Vectors, scores = answers + capacity;
        for (var i = 0; i < Size; i++) input[i] = (float)hidden[i];
        for (var i = 0; i < asked.Length; i++)
        {
            pointers[i] = matrix.Row(asked[i]);
            answers[i] = (float)labels[i];
        }
        LogisticRows.Step(input, pointers, answers, scores, asked.Length, matrix.Row(weights.Length), Vectors, rate, error);
        Assert.All(matrix[weights.Length].ToArray(), value => Assert.Equal(0, value));
        var result = (Enumerable.Range(0, weights.Length).Select(row => matrix[row].ToArray()).ToArray(), new Span<float>(error, Size).ToArray());
        NativeMemory.Free(pointers);
        NativeMemory.Free(memory);
        return result;
    }
}
