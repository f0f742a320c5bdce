using Stemma.Interpretability;
using Stemma.Layers;
using Stemma.Layers.Recurrent;
using Stemma.Models;
using Stemma.Models.NeuralNGram;
using Stemma.Models.Recurrent;
using Stemma.Numerics;
using Stemma.Numerics.Autograd;
using Stemma.Numerics.Ops;
using Stemma.Optimizers;
using Xunit;

namespace Stemma.Tests.Layers.Recurrent;

/// <summary>What recurrent networks can and cannot remember. Hochreiter 1991; Bengio et al. 1994; Pascanu et al. 2013, arXiv:1211.5063.</summary>
public sealed class LongDependencyTests
{
    private const int Units = 32;

    private static Weights Fresh() => new(new InitialWeights(9), Device.Cpu);

    private static Tensor Inputs(int steps, double scale)
    {
        var random = new RandomStream(4);
        return Tensor.From([.. Enumerable.Range(0, steps * 4).Select(i => (float)(scale * random.Normal((ulong)i)))], [steps, 4]);
    }

    [Fact]
    public void Gradients_of_a_tanh_network_vanish_exponentially_and_those_of_an_LSTM_that_keeps_its_cell_do_not()
    {
        var vanishing = GradientLag.Measure(new Rnn(Fresh(), 4, Units), Inputs(101, 1));
        var slope = Slope(vanishing, 5, 60);
        Assert.InRange(slope, -2, -0.2);
        // A straight line in the logarithm: the lags between lie on it.
        for (var lag = 10; lag <= 50; lag += 10) Assert.Equal(Math.Log(vanishing[5]) + slope * (lag - 5), Math.Log(vanishing[lag]), 3.0);
        Assert.True(vanishing[60] < 1e-6 * vanishing[0]);

        var lstm = new Lstm(Fresh(), 4, Units);
        // Forget gates near one: Gers et al. 2000; Jozefowicz et al. 2015 start their bias high.
        lstm.Layers[0].InputBias.Value.Span<float>().Slice(Units, Units).Fill(6);
        var carried = GradientLag.Measure(lstm, Inputs(101, 1));
        Assert.True(carried[60] > 0.05 * carried[1], $"{carried[1]} → {carried[60]}");
        Assert.True(Slope(carried, 5, 60) > -0.05);
    }

    [Fact]
    public void Gradients_explode_when_the_hidden_weight_is_large_and_clipping_keeps_the_network_alive()
    {
        var lags = GradientLag.Measure(Large(Fresh()), Inputs(60, 1e-20));
        Assert.True(lags[59] > 1e4 * lags[0], $"{lags[0]} → {lags[59]}");
        // One step along such a gradient throws every unit to where tanh is flat, and nothing reaches back any more.
        var (dead, _) = Train(clip: false);
        var (alive, losses) = Train(clip: true);
        Assert.True(dead < 1e-2 * alive, $"{dead} against {alive}");
        Assert.True(losses[^1] < 0.5 * losses[0], $"{losses[0]} → {losses[^1]}");

        static Rnn Large(Weights weights)
        {
            var network = new Rnn(weights, 4, Units, initializer: new Initializer.Uniform(0.5));     // spectral radius 1.6
            foreach (var bias in (Parameter[])[network.Layers[0].InputBias, network.Layers[0].HiddenBias]) bias.Value.Span<float>().Clear();
            return network;
        }

        // Sequences of 30 steps whose last state is to give 1.
        static (double Gradient, List<double> Losses) Train(bool clip)
        {
            var weights = Fresh();
            var network = Large(weights);
            var output = weights.Linear("output", Units, 1, new Initializer.Uniform(0.1));
            var optimizer = new SgdConfig().Build(weights.All);
            var (x, losses) = (Inputs(30, 1e-9), new List<double>());
            for (var step = 0; step < 60; step++)
            {
                using var tape = Tape.Start();
                var (hidden, _) = network.Forward(x, new Pass(SequenceLayout.Batch(1, 30)));
                var loss = (output.Forward(hidden.Slice(0, 29, 1)) - 1).Square().Mean();
                losses.Add(loss.ToScalar());
                var gradients = tape.Backward(loss);
                optimizer.Step(clip ? gradients.ClipNorm(1) : gradients, 0.02);
            }
            return (GradientLag.Measure(network, x)[0], losses);
        }
    }

    [Fact]
    public void What_lies_outside_its_window_a_fixed_window_net_never_knows_and_a_recurrent_one_learns()
    {
        // One of four symbols, ten blanks, a question: which symbol was it?
        Assert.True(Trained(new LstmConfig { VocabSize = 6, HiddenSize = 24, LayerCount = 1, InitializerRange = 0.4 }) > 0.95);
        Assert.InRange(Trained(new NeuralNGramConfig { VocabSize = 6, Order = 5, EmbeddingSize = 8, HiddenSize = 24, InitializerRange = 0.4 }), 0.1, 0.4);
        // Wide enough, it knows as well.
        Assert.True(Trained(new NeuralNGramConfig { VocabSize = 6, Order = 13, EmbeddingSize = 8, HiddenSize = 24, InitializerRange = 0.4 }) > 0.95);

        static double Trained(ModelConfig config)
        {
            const int batch = 32, blanks = 10, length = blanks + 2;
            var model = config.Build(Fresh());
            var optimizer = new AdamConfig().Build(model.Parameters);
            var (layout, random, right) = (SequenceLayout.Batch(batch, length), new RandomStream(3), 0);
            for (var step = 0; step < 260; step++)
            {
                var symbols = Enumerable.Range(0, batch).Select(s => (int)random.Fork((ulong)step).Below(4, (ulong)s)).ToArray();
                int[] inputs = [.. symbols.SelectMany(symbol => (int[])[symbol, .. Enumerable.Repeat(4, blanks), 5])];
                int[] targets = [.. symbols.SelectMany(symbol => (int[])[.. Enumerable.Repeat(TensorOps.IgnoreIndex, length - 1), symbol])];
                if (step < 250)
                {
                    using var tape = Tape.Start();
                    optimizer.Step(tape.Backward(model.Loss(Tensor.From(inputs, [inputs.Length]), Tensor.From(targets, [targets.Length]), new Pass(layout))).ClipNorm(1), 1e-2);
                    continue;
                }
                var logits = model.Logits(Tensor.From(inputs, [inputs.Length]), new Pass(layout)).ToArray<float>().Chunk(6).ToArray();
                right += Enumerable.Range(0, batch).Count(s => logits[s * length + length - 1].AsSpan().IndexOf(logits[s * length + length - 1].Max()) == symbols[s]);
            }
            return right / (10.0 * batch);
        }
    }

    private static double Slope(double[] lengths, int from, int to) => (Math.Log(lengths[to]) - Math.Log(lengths[from])) / (to - from);
}
