using System.Text.Json;
using Stemma.Layers;
using Stemma.Layers.Recurrent;
using Stemma.Numerics;
using Stemma.Numerics.Ops;
using Xunit;

namespace Stemma.Tests.Layers.Recurrent;

/// <summary>Layers that read PyTorch's weights under PyTorch's names give PyTorch's states.</summary>
public sealed class RecurrentLayerTests
{
    [Theory]
    [InlineData("lstm", "two_layers")]
    [InlineData("gru", "two_layers_batch_first")]
    [InlineData("rnn_tanh", "two_layers")]
    public void Stacked_layers_equal_PyTorchs_at_once_and_step_by_step(string file, string name)
    {
        var golden = Golden.Load($"layers/{file}.json").At("cases").EnumerateArray().Single(c => c.GetProperty("name").GetString() == name);
        var config = golden.GetProperty("config");
        int batch = config.GetProperty("batch").GetInt32(), time = config.GetProperty("seq_len").GetInt32();
        int inputSize = config.GetProperty("input_size").GetInt32(), hiddenSize = config.GetProperty("hidden_size").GetInt32(), layers = config.GetProperty("num_layers").GetInt32();
        var weights = new Weights(new GoldenWeights(golden.GetProperty("params")), Device.Cpu);
        var run = Layer(file, weights, inputSize, hiddenSize, layers);
        Assert.Equal(golden.GetProperty("params").EnumerateObject().Select(p => p.Name).Order(), weights.All.Select(p => p.Name).Order());

        var (x, expected) = (Packed("inputs", "input"), Packed("outputs", "output"));
        LstmState first = new(State("inputs", "h_0"), State("inputs", file == "lstm" ? "c_0" : "h_0"));
        var (output, last) = run(x, SequenceLayout.Batch(batch, time), first);
        Golden.Close(Doubles(expected), output.ToArray<float>(), 2e-6, "output");
        Golden.Close(golden.At("outputs", "h_n").Doubles(), last.Hidden.ToArray<float>(), 2e-6, "h_n");
        if (file == "lstm") Golden.Close(golden.At("outputs", "c_n").Doubles(), last.Cell.ToArray<float>(), 2e-6, "c_n");

        var state = first;
        for (var t = 0; t < time; t++)
        {
            int[] rows = [.. Enumerable.Range(0, batch).Select(b => b * time + t)];
            var ids = Tensor.From(rows, [batch]);
            (var step, state) = run(x.Gather(ids), SequenceLayout.Batch(batch, 1), state);
            Assert.Equal(output.Gather(ids).ToArray<float>(), step.ToArray<float>());
        }
        Assert.Equal(last.Hidden.ToArray<float>(), state.Hidden.ToArray<float>());
        Assert.Equal(last.Cell.ToArray<float>(), state.Cell.ToArray<float>());

        Tensor Packed(string group, string tensor)
        {
            var padded = State(group, tensor);
            return (config.GetProperty("batch_first").GetBoolean() ? padded : padded.Transpose(0, 1)).Reshape(batch * time, padded.Shape[-1]);
        }
        Tensor State(string group, string tensor) => Tensor.From(golden.At(group, tensor).Doubles(), golden.At(group, tensor).Shape()).Cast(DType.Float32);
        static double[] Doubles(Tensor tensor) => tensor.Cast(DType.Float64).ToArray<double>();
    }

    [Fact]
    public void Fresh_weights_are_uniform_within_one_over_the_root_of_the_units()
    {
        var weights = new Weights(new InitialWeights(3), Device.Cpu);
        _ = new Lstm(weights["rnn"], 30, 25, 2);
        Assert.Equal(["rnn.weight_ih_l0", "rnn.weight_hh_l0", "rnn.bias_ih_l0", "rnn.bias_hh_l0", "rnn.weight_ih_l1", "rnn.weight_hh_l1", "rnn.bias_ih_l1", "rnn.bias_hh_l1"], weights.All.Select(p => p.Name));
        var values = weights.All.SelectMany(p => p.Value.ToArray<float>()).ToArray();
        Assert.InRange(values.Max(), 0.199f, 0.2f);
        Assert.InRange(values.Min(), -0.2f, -0.199f);
        Assert.Equal(0.2 / Math.Sqrt(3), Math.Sqrt(values.Average(v => (double)v * v)), 0.003);
        Assert.Throws<ArgumentOutOfRangeException>(() => new Gru(weights["none"], 3, 4, 0));
    }

    private delegate (Tensor Output, LstmState State) Run(Tensor x, SequenceLayout layout, LstmState state);

    private static Run Layer(string file, Weights weights, int inputSize, int hiddenSize, int layers)
    {
        if (file == "lstm")
        {
            var lstm = new Lstm(weights, inputSize, hiddenSize, layers);
            return (x, layout, state) => lstm.Forward(x, layout, state);
        }
        if (file == "gru")
        {
            var gru = new Gru(weights, inputSize, hiddenSize, layers);
            return (x, layout, state) => WithoutCell(gru.Forward(x, layout, state.Hidden));
        }
        var rnn = new Rnn(weights, inputSize, hiddenSize, layers);
        return (x, layout, state) => WithoutCell(rnn.Forward(x, layout, state.Hidden));

        static (Tensor, LstmState) WithoutCell((Tensor Output, Tensor State) result) => (result.Output, new(result.State, result.State));
    }

    private sealed class GoldenWeights(JsonElement parameters) : WeightSource
    {
        public override void Fill(string name, Shape shape, Initializer initializer, Span<float> values)
        {
            Assert.Equal(parameters.GetProperty(name).Shape(), shape);
            Array.ConvertAll(parameters.GetProperty(name).Doubles(), v => (float)v).CopyTo(values);
        }
    }
}
