using Stemma.Layers;
using Stemma.Losses;
using Stemma.Models.Bert;
using Stemma.Models.Heads;
using Stemma.Numerics;
using Stemma.Numerics.Autograd;
using Stemma.Numerics.Ops;
using Stemma.Optimizers;
using Xunit;

namespace Stemma.Tests.Models.Heads;

/// <summary>Vectors of texts, and the losses of heads by their definitions.</summary>
public sealed class SentenceEmbedderTests
{
    [Fact]
    public void Pooling_is_the_first_row_or_the_mean_of_a_texts_own_rows()
    {
        var rows = Tensor.From([1f, 2, 3, 4, 5, 6, 7, 8, 9, 11], [5, 2]);
        var layout = SequenceLayout.Packed(2, 3);
        Assert.Equal([1f, 2, 5, 6], new FirstPooling().Pool(rows, layout).ToArray<float>());
        var means = new MeanPooling().Pool(rows, layout).ToArray<float>();
        foreach (var (expected, actual) in ((double[])[2, 3, 7, 25.0 / 3]).Zip(means)) Assert.Equal(expected, actual, 1e-6);
    }

    [Fact]
    public void The_contrastive_loss_is_its_definition()
    {
        double[][] a = [[1, 0], [0.6, 0.8]], b = [[0, 2], [3, 4]];
        double Cosine(double[] x, double[] y) => (x[0] * y[0] + x[1] * y[1]) / Math.Sqrt((x[0] * x[0] + x[1] * x[1]) * (y[0] * y[0] + y[1] * y[1]));
        var expected = Enumerable.Range(0, 2).Average(i => Math.Log(b.Sum(other => Math.Exp(Cosine(a[i], other) / 0.1))) - Cosine(a[i], b[i]) / 0.1);
        Tensor Rows(double[][] values) => Tensor.From([.. values.SelectMany(row => row).Select(value => (float)value)], [2, 2]);
        Assert.Equal(expected, InfoNce.Of(Rows(a), Rows(b), 0.1).ToScalar(), 1e-5);
        Assert.Throws<ArgumentOutOfRangeException>(() => InfoNce.Of(Rows(a), Rows(b), 0));
    }

    [Fact]
    public void Binary_and_span_losses_are_their_definitions_and_do_not_overflow()
    {
        var logits = Tensor.From([0.5f, -2, 300, -300], [4]);
        var expected = (Math.Log(1 + Math.Exp(-0.5)) + Math.Log(1 + Math.Exp(-2)) + 300) / 3;
        Assert.Equal(expected, BinaryCrossEntropy.Of(logits, [1, 0, 0, -100]).ToScalar(), 1e-4);
        // Two texts of two and three rows: the softmax stays within each.
        var scores = Tensor.From([1f, 2, 0.5f, 0, -1], [5]);
        var first = Math.Log(Math.Exp(1) + Math.Exp(2)) - 2;
        var second = Math.Log(Math.Exp(0.5) + 1 + Math.Exp(-1)) - 0.5;
        Assert.Equal((first + second) / 2, SpanCrossEntropy.Of(scores, SequenceLayout.Packed(2, 3), [1, 0]).ToScalar(), 1e-5);
    }

    [Theory, InlineData(true), InlineData(false)]
    public void Contrast_brings_together_what_belongs_together(bool mean)
    {
        // A text is two tokens of one of eight topics; the four tokens of a topic mean the same.
        var encoder = new BertConfig { VocabSize = 33, LayerCount = 1, HeadCount = 2, HiddenSize = 16, IntermediateSize = 24, ContextLength = 4, Dropout = 0, AttentionDropout = 0 }.Build(new Weights(new InitialWeights(2), Device.Cpu));
        var embedder = new SentenceEmbedder(encoder, mean ? new MeanPooling() : new FirstPooling());
        var optimizer = new AdamConfig().Build(encoder.Parameters);
        double first = 0, last = 0;
        for (var step = 0; step < 60; step++)
        {
            using var scope = Memory.Scope();
            using var tape = Tape.Start();
            var random = new RandomStream(9).Fork((ulong)step);
            var loss = SentenceEmbedder.Loss(Embed(random.Fork("anchors")), Embed(random.Fork("partners")), 0.1);
            last = loss.ToScalar();
            if (step == 0) first = last;
            optimizer.Step(tape.Backward(loss), 5e-3);
        }
        Assert.True(last < 0.4 * first, $"{first} → {last}");

        Tensor Embed(RandomStream random)
        {
            int[] tokens = [.. Enumerable.Range(0, 8).SelectMany(topic => (int[])[32, 4 * topic + (int)random.Below(4, (ulong)(2 * topic)), 4 * topic + (int)random.Below(4, (ulong)(2 * topic + 1))])];
            return embedder.Embed(Tensor.From(tokens, [tokens.Length]), null, new(SequenceLayout.Batch(8, 3)));
        }
    }
}
