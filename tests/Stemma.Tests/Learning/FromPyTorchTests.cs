using System.Text.RegularExpressions;
using Stemma.Layers;
using Stemma.Numerics;
using Stemma.Numerics.Autograd;
using Stemma.Numerics.Ops;
using Stemma.Optimizers;
using Stemma.Tests.Architecture;
using Xunit;

namespace Stemma.Tests.Learning;

/// <summary>The blocks of docs/from-pytorch.md, which stand here word for word, do what they are said to do.</summary>
public sealed partial class FromPyTorchTests
{
    private const string Source = "tests/Stemma.Tests/Learning/FromPyTorchTests.cs";

    [Fact]
    public void Every_block_of_the_page_is_tested_here()
    {
        var here = Squeezed(Repository.Read(Source));
        var blocks = Block().Matches(Repository.Read("docs/from-pytorch.md")).Select(match => match.Groups[1].Value).ToArray();
        Assert.True(blocks.Length >= 4);
        Assert.All(blocks, block => Assert.Contains(Squeezed(block), here, StringComparison.Ordinal));
    }

    [Fact]
    public void An_embedding_gives_a_vector_for_each_id()
    {
        var weights = new Weights(new InitialWeights(1), Device.Cpu);
        var embedding = new Embedding(weights["embedding"], 10_000, 256, new Initializer.Normal(1));
        var vectors = embedding.Forward(Tensor.From([1, 5, 20, 42], [4]));
        Assert.Equal([4, 256], vectors.Shape);
        Assert.Equal(embedding.Weight.Value.Slice(0, 20, 1).ToArray<float>(), vectors.Slice(0, 2, 1).ToArray<float>());
    }

    [Fact]
    public void A_net_learns_whether_two_coordinates_have_the_same_sign()
    {
        var random = new RandomStream(3);
        var points = Enumerable.Range(0, 2000).Select(i => (float)random.Normal((ulong)i)).ToArray();
        var x = Tensor.From(points, [1000, 2]);
        int[] labels = [.. points.Chunk(2).Select(point => point[0] * point[1] > 0 ? 1 : 0)];
        var y = Tensor.From(labels, [1000]);
        var weights = new Weights(new InitialWeights(1), Device.Cpu);

        var hidden = weights.Linear("0", 2, 16, new Initializer.Kaiming());
        var output = weights.Linear("2", 16, 2, new Initializer.Kaiming());
        var optimizer = new AdamConfig().Build(weights.All);
        for (var epoch = 0; epoch < 100; epoch++)
        {
            using var tape = Tape.Start();
            var loss = output.Forward(hidden.Forward(x).Relu()).CrossEntropy(y);
            optimizer.Step(tape.Backward(loss), learningRate: 1e-2);
        }

        var scores = output.Forward(hidden.Forward(x).Relu()).ToArray<float>();
        var right = labels.Index().Count(label => scores[2 * label.Index + 1] > scores[2 * label.Index] == (label.Item == 1));
        Assert.True(right >= 950, $"{right} of 1,000 are right.");
    }

    [Fact]
    public void A_recurrent_step_is_that_of_the_layer()
    {
        const int hiddenSize = 5;
        var random = new RandomStream(7);
        var position = 0UL;
        Tensor Some(int rows, int columns) => Tensor.From([.. Enumerable.Range(0, rows * columns).Select(_ => (float)random.Normal(position++))], [rows, columns]);
        var (wxh, whh, bh, why, by) = (Some(hiddenSize, 3), Some(hiddenSize, hiddenSize), Some(1, hiddenSize), Some(2, hiddenSize), Some(1, 2));
        Tensor[] sequence = [Some(1, 3), Some(1, 3), Some(1, 3)];
        var y = Tensor.Zeros([1, 2]);

        var h = Tensor.Zeros([1, hiddenSize]);
        foreach (var x in sequence)
        {
            h = (x.MatMul(wxh.Transposed) + h.MatMul(whh.Transposed) + bh).Tanh();
            y = h.MatMul(why.Transposed) + by;
        }

        // The same with numbers one by one.
        var (state, input) = (new double[hiddenSize], 0f);
        foreach (var x in sequence)
        {
            var before = (double[])state.Clone();
            for (var i = 0; i < hiddenSize; i++)
            {
                double sum = bh.ToArray<float>()[i];
                for (var j = 0; j < 3; j++) sum += wxh.ToArray<float>()[3 * i + j] * (input = x.ToArray<float>()[j]);
                for (var j = 0; j < hiddenSize; j++) sum += whh.ToArray<float>()[hiddenSize * i + j] * before[j];
                state[i] = Math.Tanh(sum);
            }
        }
        for (var i = 0; i < 2; i++)
            Assert.Equal(by.ToArray<float>()[i] + Enumerable.Range(0, hiddenSize).Sum(j => why.ToArray<float>()[hiddenSize * i + j] * state[j]), y.ToArray<float>()[i], 1e-5);
    }

    [Fact]
    public void Scaled_dot_product_attention_is_the_fused_operation()
    {
        const int rows = 6, keySize = 8;
        var random = new RandomStream(9);
        Tensor Some(ulong stream) => Tensor.From([.. Enumerable.Range(0, rows * keySize).Select(i => (float)random.Fork(stream).Normal((ulong)i))], [rows, keySize]);
        var (q, k, v) = (Some(1), Some(2), Some(3));

        var scores = q.MatMul(k.Transposed);
        var pattern = (scores * (1 / MathF.Sqrt(keySize))).Softmax();
        var attended = pattern.MatMul(v);

        Tensor Heads(Tensor x) => x.Reshape(rows, 1, keySize);
        var fused = TensorOps.Attention(Heads(q), Heads(k), Heads(v), SequenceLayout.Batch(1, rows), AttentionWindow.Full);
        foreach (var (expected, actual) in attended.ToArray<float>().Zip(fused.ToArray<float>())) Assert.Equal(expected, actual, 1e-5f);
    }

    private static string Squeezed(string text) => White().Replace(text, " ").Trim();

    [GeneratedRegex("```csharp\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex Block();

    [GeneratedRegex("\\s+")]
    private static partial Regex White();
}
