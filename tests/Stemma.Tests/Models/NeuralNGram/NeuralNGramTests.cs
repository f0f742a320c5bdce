using Stemma.Layers;
using Stemma.Models.NeuralNGram;
using Stemma.Numerics;
using Stemma.Numerics.Autograd;
using Stemma.Numerics.Ops;
using Stemma.Tests.Models.Recurrent;
using Xunit;

namespace Stemma.Tests.Models.NeuralNGram;

public sealed class NeuralNGramTests
{
    private static readonly NeuralNGramConfig s_config = new() { VocabSize = 7, Order = 4, EmbeddingSize = 3, HiddenSize = 5, InitializerRange = 0.5 };

    private static Weights Fresh() => new(new InitialWeights(2), Device.Cpu);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Logits_are_those_of_the_papers_equation(bool direct)
    {
        var weights = Fresh();
        var model = new NeuralNGramModel(s_config with { DirectConnections = direct }, weights);
        int[] tokens = [3, 1, 4, 1, 5];
        var logits = model.Logits(Tensor.From(tokens, [5]), new Pass(SequenceLayout.Batch(1, 5))).ToArray<float>();
        var w = weights.All.ToDictionary(p => p.Name, p => p.Value.ToArray<float>());
        for (var row = 0; row < 5; row++)
        {
            var x = Enumerable.Range(0, 3).SelectMany(back => w["encoder.weight"].AsSpan((row >= back ? tokens[row - back] + 1 : 0) * 3, 3).ToArray()).ToArray();
            var hidden = Enumerable.Range(0, 5).Select(u => Math.Tanh(w["hidden.bias"][u] + x.Select((v, k) => (double)v * w["hidden.weight"][u * 9 + k]).Sum())).ToArray();
            double[] features = direct ? [.. hidden, .. x.Select(v => (double)v)] : hidden;
            var expected = Enumerable.Range(0, 7).Select(v => w["decoder.bias"][v] + features.Select((f, k) => f * w["decoder.weight"][v * features.Length + k]).Sum()).ToArray();
            Golden.Close(expected, logits.AsSpan(row * 7, 7), 2e-6, $"row {row}");
        }
    }

    [Fact]
    public void What_lies_further_back_than_its_window_does_not_exist()
    {
        var model = new NeuralNGramModel(s_config, Fresh());
        Assert.Equal(Last(0, 1, 4, 1, 5), Last(6, 2, 4, 1, 5));
        Assert.NotEqual(Last(0, 1, 4, 1, 5), Last(0, 1, 3, 1, 5));     // the third word back is in it

        float[] Last(params int[] tokens) => model.Logits(Tensor.From(tokens, [5]), new Pass(SequenceLayout.Batch(1, 5))).ToArray<float>()[^7..];
    }

    [Fact]
    public void Gradients_are_those_of_differences()
    {
        var weights = Fresh();
        var model = new NeuralNGramModel(s_config with { DirectConnections = true }, weights);
        var (inputs, targets) = (Tensor.From(CarryingModels.Tokens(1, 12, 7), [12]), Tensor.From(CarryingModels.Tokens(2, 12, 7), [12]));
        Gradients gradients;
        using (var tape = Tape.Start()) gradients = tape.Backward(Loss()).Keep(tape.Keep);
        const float step = 1e-2f;
        foreach (var weight in weights.All)
        {
            var (values, gradient) = (weight.Value, gradients[weight].ToArray<float>());
            for (var i = 0; i < gradient.Length; i += 3)
            {
                var kept = values.Span<float>()[i];
                values.Span<float>()[i] = kept + step;
                var above = Loss().ToScalar();
                values.Span<float>()[i] = kept - step;
                var below = Loss().ToScalar();
                values.Span<float>()[i] = kept;
                Assert.Equal((above - below) / (2 * step), gradient[i], 2e-4);
            }
        }

        Tensor Loss() => model.Loss(inputs, targets, new Pass(SequenceLayout.Packed(5, 7)));
    }
}
