using System.Text.Json;
using Stemma.Numerics;
using Stemma.Numerics.Autograd;
using Stemma.Numerics.Ops;
using Xunit;

namespace Stemma.Tests.Numerics.Ops;

/// <summary>Outputs, last states and all gradients of nn.LSTM, nn.GRU and nn.RNN, which PyTorch computed in float64.</summary>
public sealed class RecurrentGoldenTests
{
    public static TheoryData<string, string> Cases => new()
    {
        { "lstm", "two_layers" }, { "lstm", "one_layer_lengths" }, { "gru", "one_layer" }, { "gru", "two_layers_batch_first" }, { "rnn_tanh", "one_layer" }, { "rnn_tanh", "two_layers" },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void Outputs_states_and_gradients_equal_PyTorchs(string file, string name)
    {
        Check(file, name, Device.Reference, DType.Float64, 1e-8);
        Check(file, name, Device.Reference, DType.Float32, 2e-6);
        Check(file, name, Device.Cpu, DType.Float32, 2e-6);
    }

    private static void Check(string file, string name, Device device, DType dtype, double tolerance)
    {
        var golden = Golden.Load($"layers/{file}.json").At("cases").EnumerateArray().Single(c => c.GetProperty("name").GetString() == name);
        var config = golden.GetProperty("config");
        int batch = config.GetProperty("batch").GetInt32(), time = config.GetProperty("seq_len").GetInt32(), layers = config.GetProperty("num_layers").GetInt32();
        var batchFirst = config.GetProperty("batch_first").GetBoolean();
        var lengths = config.TryGetProperty("lengths", out var given) ? given.Ints() : [.. Enumerable.Repeat(time, batch)];
        var layout = SequenceLayout.Packed(lengths);
        // Where each packed row stands among the padded ones.
        int[] rows = [.. Enumerable.Range(0, batch).SelectMany(b => Enumerable.Range(0, lengths[b]).Select(t => batchFirst ? b * time + t : t * batch + b))];

        var inputs = golden.At("inputs").EnumerateObject().Concat(golden.At("params").EnumerateObject()).ToDictionary(
            x => x.Name, x => Tensor.From(x.Value.Doubles(), x.Value.Shape(), device).Cast(dtype).WithGradient());
        using var tape = Tape.Start();
        var x = Packed(inputs["input"]);
        List<Tensor> hidden = [], cell = [];
        for (var l = 0; l < layers; l++)
        {
            Tensor wx = inputs[$"weight_ih_l{l}"], wh = inputs[$"weight_hh_l{l}"], bx = inputs[$"bias_ih_l{l}"], bh = inputs[$"bias_hh_l{l}"];
            var h0 = inputs["h_0"].Select(0, l);
            Tensor h, c;
            (x, h, c) = file switch
            {
                "lstm" => TensorOps.Lstm(x, layout, wx, wh, bx, bh, h0, inputs["c_0"].Select(0, l)),
                "gru" => WithoutCell(TensorOps.Gru(x, layout, wx, wh, bx, bh, h0)),
                _ => WithoutCell(TensorOps.Rnn(x, layout, wx, wh, bx, bh, h0)),
            };
            hidden.Add(h);
            cell.Add(c);
        }
        var results = new Dictionary<string, Tensor> { ["output"] = x, ["h_n"] = TensorOps.Concatenate(0, [.. hidden]), ["c_n"] = TensorOps.Concatenate(0, [.. cell]) };
        var loss = Tensor.Scalar(0.0, device).Cast(dtype);
        foreach (var output in golden.At("outputs").EnumerateObject())
        {
            var (expected, gradient) = (Read(output.Value), Read(golden.At("grad_outputs", output.Name)));
            if (output.Name == "output") (expected, gradient) = (Packed(expected), Packed(gradient));
            Close.Check(Doubles(results[output.Name]), Doubles(expected), tolerance, $"{output.Name} of {file}, {dtype} on {device}");
            loss += (results[output.Name] * gradient.Reshape(results[output.Name].Shape)).Sum();
        }
        var gradients = tape.Backward(loss);
        foreach (var gradient in golden.At("grad_inputs").EnumerateObject().Concat(golden.At("grad_params").EnumerateObject()))
            Close.Check(Doubles(gradients[inputs[gradient.Name]]), gradient.Value.Doubles(), 3 * tolerance, $"gradient of {gradient.Name} of {file}, {dtype} on {device}");

        Tensor Read(JsonElement tensor) => Tensor.From(tensor.Doubles(), tensor.Shape(), device).Cast(dtype);
        Tensor Packed(Tensor padded) => padded.Reshape(-1, padded.Shape[-1]).Gather(Tensor.From(rows, [rows.Length], device));
        static (Tensor Output, Tensor Hidden, Tensor Cell) WithoutCell((Tensor Output, Tensor Hidden) result) => (result.Output, result.Hidden, result.Hidden);
        static double[] Doubles(Tensor x) => x.Detach().Cast(DType.Float64).ToArray<double>();
    }
}
