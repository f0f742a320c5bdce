using Stemma.Layers;
using Stemma.Models.Gpt2;
using Stemma.Numerics;
using Stemma.Numerics.Autograd;
using Stemma.Numerics.Ops;
using Stemma.Training;
using Xunit;

namespace Stemma.Tests.Training;

/// <summary>The gradient of a mini-batch is right on average, and scatters as theory says.</summary>
public sealed class GradientNoiseTests
{
    private const int Examples = 96;

    [Fact]
    public void The_batches_of_a_partition_average_to_the_gradient_of_the_whole()
    {
        var problem = new Problem();
        var whole = problem.Gradient([.. Enumerable.Range(0, Examples)]);
        foreach (var size in (int[])[1, 8, 32])
        {
            var batches = Enumerable.Range(0, Examples).Chunk(size).Select(problem.Gradient).ToArray();
            // In float64 nothing but rounding is left.
            for (var i = 0; i < whole.Length; i++) Assert.Equal(whole[i], batches.Average(batch => batch[i]), 1e-14);
        }
    }

    [Fact]
    public void Random_batches_are_right_within_their_standard_error()
    {
        var problem = new Problem();
        var whole = problem.Gradient([.. Enumerable.Range(0, Examples)]);
        var random = new RandomStream(17);
        const int Draws = 400, Size = 6;
        var draws = Enumerable.Range(0, Draws).Select(draw => problem.Gradient([.. Enumerable.Range(0, Size).Select(i => (int)random.Below(Examples, (ulong)(draw * Size + i)))])).ToArray();
        var scores = whole.Select((expected, i) =>
        {
            var mean = draws.Average(draw => draw[i]);
            var error = Math.Sqrt(draws.Sum(draw => (draw[i] - mean) * (draw[i] - mean)) / (Draws - 1) / Draws);
            return (mean - expected) / error;
        }).ToArray();
        // Means over 400 draws are normal; of 41 components none is beyond 4 standard errors, and together they are of unit size.
        Assert.All(scores, score => Assert.InRange(score, -4, 4));
        Assert.InRange(Math.Sqrt(scores.Average(score => score * score)), 0.5, 1.5);
    }

    [Fact]
    public void The_variance_is_that_of_one_example_over_the_batch_size()
    {
        var problem = new Problem();
        var whole = problem.Gradient([.. Enumerable.Range(0, Examples)]);
        var covariance = Enumerable.Range(0, Examples).Average(i => Distance(problem.Gradient([i]), whole));
        var random = new RandomStream(5);
        var curve = GradientNoise.Measure([1, 2, 4, 8, 16, 32], 300, (size, draw) =>
            problem.Gradients([.. Enumerable.Range(0, size).Select(i => (int)random.Fork((ulong)size).Below(Examples, (ulong)(draw * size + i)))]));
        Assert.All(curve.Points, point => Assert.InRange(point.CovarianceTrace * point.BatchSize, covariance - 4 * point.StandardError * point.BatchSize, covariance + 4 * point.StandardError * point.BatchSize));
        Assert.Equal(-1, curve.Slope, 0.1);
        var expected = covariance / whole.Sum(value => value * value);
        Assert.Equal(expected, curve.SimpleNoiseScale, 0.25 * expected);
    }

    [Fact]
    public void The_noise_of_a_gpt_falls_with_the_batch_size()
    {
        var weights = new Weights(new InitialWeights(3), Device.Cpu);
        var model = new Gpt2Model(new() { VocabSize = 16, LayerCount = 1, HeadCount = 2, HiddenSize = 16, ContextLength = 8 }, weights);
        var random = new RandomStream(8);
        var curve = GradientNoise.Measure([1, 4, 16], 60, (size, draw) =>
        {
            var stream = random.Fork((ulong)size).Fork((ulong)draw);
            int[] tokens = [.. Enumerable.Range(0, size * 9).Select(i => (int)stream.Below(16, (ulong)i))];
            int[] Part(int from) => [.. tokens.Chunk(9).SelectMany(row => row.Skip(from).Take(8))];
            using var tape = Tape.Start();
            return tape.Backward(model.Loss(Tensor.From(Part(0), [size * 8]), Tensor.From(Part(1), [size * 8]), new Pass(SequenceLayout.Batch(size, 8)))).Keep(tape.Keep);
        });
        Assert.Equal(-1, curve.Slope, 0.12);
    }

    private static double Distance(double[] a, double[] b) => a.Zip(b, (x, y) => (x - y) * (x - y)).Sum();

    /// <summary>A net of float64 that sorts random points into two classes.</summary>
    private sealed class Problem
    {
        private readonly Tensor[] _weights;
        private readonly float[] _x;
        private readonly int[] _labels;

        public Problem()
        {
            var random = new RandomStream(2);
            Tensor Draw(Shape shape, string name) => Tensor.From([.. Enumerable.Range(0, (int)shape.Count).Select(i => 0.7 * random.Fork(name).Normal((ulong)i))], shape, Device.Reference).WithGradient();
            _weights = [Draw([8, 2], "w1"), Draw([8], "b1"), Draw([2, 8], "w2"), Draw([1], "b2")];
            _x = [.. Enumerable.Range(0, 2 * Examples).Select(i => (float)random.Fork("x").Normal((ulong)i))];
            _labels = [.. Enumerable.Range(0, Examples).Select(i => _x[2 * i] * _x[2 * i + 1] > 0 ? 1 : 0)];
        }

        public Gradients Gradients(int[] examples)
        {
            using var tape = Tape.Start();
            var x = Tensor.From([.. examples.SelectMany(i => (double[])[_x[2 * i], _x[2 * i + 1]])], [examples.Length, 2], Device.Reference);
            var logits = x.Linear(_weights[0], _weights[1]).Tanh().Linear(_weights[2]) + _weights[3] * Tensor.From([1.0, 0], [2], Device.Reference);
            return tape.Backward(logits.CrossEntropy(Tensor.From([.. examples.Select(i => _labels[i])], [examples.Length], Device.Reference))).Keep(tape.Keep);
        }

        public double[] Gradient(int[] examples)
        {
            var gradients = Gradients(examples);
            return [.. _weights.SelectMany(weight => gradients[weight].ToArray<double>())];
        }
    }
}
