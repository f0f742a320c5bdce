using Stemma.Numerics;
using Stemma.Numerics.Autograd;
using Stemma.Numerics.Ops;
using Xunit;

namespace Stemma.Tests.Numerics.Ops;

/// <summary>A sequence is its own: to the bit the same alone, in a batch and step by step.</summary>
public sealed class RecurrentTests
{
    private const int InputSize = 11;

    private delegate (Tensor Output, Tensor Hidden, Tensor Cell) Layer(Tensor x, SequenceLayout layout, Tensor[] weights, Tensor hidden, Tensor cell);

    private static readonly Dictionary<string, (int Gates, Layer Run)> s_layers = new()
    {
        ["LSTM"] = (4, (x, layout, w, h, c) => TensorOps.Lstm(x, layout, w[0], w[1], w[2], w[3], h, c)),
        ["GRU"] = (3, (x, layout, w, h, c) => WithCell(TensorOps.Gru(x, layout, w[0], w[1], w[2], w[3], h), c)),
        ["RNN"] = (1, (x, layout, w, h, c) => WithCell(TensorOps.Rnn(x, layout, w[0], w[1], w[2], w[3], h), c)),
    };

    private static readonly Device[] s_devices = [Device.CreateCpu(2), Device.CreateCpu(2, ComputePrecision.BFloat16)];

    /// <summary>Hidden sizes below and above a vector, and above a block of k.</summary>
    public static TheoryData<string, int> Sizes => [.. from layer in s_layers.Keys from size in new[] { 1, 7, 33, 401 } select (layer, size)];

    [Theory]
    [MemberData(nameof(Sizes))]
    public void A_sequence_alone_has_the_bits_it_has_in_a_batch(string name, int size)
    {
        foreach (var device in s_devices)
        {
            // More sequences than a tile has rows; with many units, where a step takes long, fewer steps.
            int[] lengths = size < 100 ? [2, 6, 0, 1, 3, 6, 4, 5, 5, 1, 1, 2, 6, 3, 3, 4, 1] : [2, 1, 0, 1, 3, 1, 2, 1, 1, 1, 1, 2, 1, 1, 1, 1, 1];
            var x = Values(1, [lengths.Sum(), InputSize], device);
            var (hidden, cell) = (Values(2, [lengths.Length, size], device), Values(3, [lengths.Length, size], device));
            var whole = Evaluate(0, lengths.Length);
            for (var s = 0; s < lengths.Length; s++)
            {
                var alone = Evaluate(s, 1);
                foreach (var (part, perRow) in new[] { (0, true), (1, false), (2, false), (3, true), (4, false), (5, false) })
                {
                    var (first, count) = perRow ? (lengths[..s].Sum(), lengths[s]) : (s, 1);
                    var width = part == 3 ? InputSize : size;
                    Assert.Equal(whole[part].AsSpan(first * width, count * width).ToArray(), alone[part]);
                }
            }

            // Output, last states; gradients of x and of the first states.
            float[][] Evaluate(int first, int count)
            {
                using var tape = Tape.Start();
                Tensor[] inputs = [Part(x, lengths[..first].Sum(), lengths[first..(first + count)].Sum()), Part(hidden, first, count), Part(cell, first, count)];
                var (output, h, c) = s_layers[name].Run(inputs[0], SequenceLayout.Packed(lengths.AsSpan(first, count)), Weights(name, size, device), inputs[1], inputs[2]);
                float[][] values = [output.ToArray<float>(), h.ToArray<float>(), c.ToArray<float>()];
                var gradients = tape.Backward((output * output).Sum() + (h * h * 0.5).Sum() + (c * c * 0.25).Sum());
                return [.. values, .. inputs.Select(input => gradients[input].ToArray<float>())];
            }
        }

        static Tensor Part(Tensor tensor, int first, int count) => tensor.Slice(0, first, count).Contiguous().Detach().WithGradient();
    }

    [Theory]
    [MemberData(nameof(Sizes))]
    public void Step_by_step_gives_the_bits_of_all_steps_at_once(string name, int size)
    {
        foreach (var device in s_devices)
        {
            foreach (var count in new[] { 1, 3, 17 })
            {
                const int time = 5;
                var (x, weights) = (Values(1, [time * count, InputSize], device), Weights(name, size, device));
                var (hidden, cell) = (Values(2, [count, size], device), Values(3, [count, size], device));
                var whole = s_layers[name].Run(x, SequenceLayout.Batch(count, time), weights, hidden, cell);
                for (var t = 0; t < time; t++)
                {
                    int[] rows = [.. Enumerable.Range(0, count).Select(s => s * time + t)];
                    var ids = Tensor.From(rows, [count], device);
                    (var output, hidden, cell) = s_layers[name].Run(x.Gather(ids), SequenceLayout.Batch(count, 1), weights, hidden, cell);
                    Assert.Equal(whole.Output.Gather(ids).ToArray<float>(), output.ToArray<float>());
                }
                Assert.Equal(whole.Hidden.ToArray<float>(), hidden.ToArray<float>());
                Assert.Equal(whole.Cell.ToArray<float>(), cell.ToArray<float>());
            }
        }
    }

    [Fact]
    public void A_bfloat16_device_rounds_the_factors_and_nothing_else()
    {
        foreach (var (name, (gates, run)) in s_layers)
        {
            const int size = 19;
            var layout = SequenceLayout.Packed(4, 1, 6);
            // Weights and input are bfloat16 numbers already and the state starts at 0: the first step must not differ at all.
            Tensor[] Rounded(Device device) => [.. Weights(name, size, device).Select(w => w.Cast(DType.BFloat16).Cast(DType.Float32))];
            var x = Values(1, [11, InputSize], Device.Cpu).Cast(DType.BFloat16).Cast(DType.Float32);
            var zero = Tensor.Zeros([3, size]);
            var exact = run(x, layout, Rounded(Device.Cpu), zero, zero).Output.ToArray<float>();
            var rounded = run(x.To(s_devices[1]), layout, Rounded(s_devices[1]), zero.To(s_devices[1]), zero.To(s_devices[1])).Output.ToArray<float>();
            foreach (var row in new[] { 0, 4, 5 }) Assert.Equal(exact.AsSpan(row * size, size), rounded.AsSpan(row * size, size));
            Assert.NotEqual(exact, rounded);
            Close.Check(Array.ConvertAll(rounded, v => (double)v), Array.ConvertAll(exact, v => (double)v), 1e-2, $"{name} of {gates} gates");
        }
    }

    [Fact]
    public void What_does_not_fit_is_refused_with_both_shapes()
    {
        Tensor x = Tensor.Zeros([5, 3]), wx = Tensor.Zeros([8, 3]), wh = Tensor.Zeros([8, 2]), bias = Tensor.Zeros([8]), state = Tensor.Zeros([2, 2]);
        var layout = SequenceLayout.Packed(2, 3);
        TensorOps.Lstm(x, layout, wx, wh, bias, bias, state, state);
        Refused("[6, input]", () => TensorOps.Lstm(x, SequenceLayout.Packed(2, 4), wx, wh));
        Refused("[8, 3]", () => TensorOps.Gru(x, layout, wx, wh));
        Refused("[7, 3]", () => TensorOps.Lstm(x, layout, Tensor.Zeros([7, 3]), wh));
        Refused("[9]", () => TensorOps.Lstm(x, layout, wx, wh, Tensor.Zeros([9])));
        Refused("[3, 2]", () => TensorOps.Lstm(x, layout, wx, wh, bias, bias, state, Tensor.Zeros([3, 2])));
        Refused("Float64", () => TensorOps.Lstm(x, layout, wx, wh.Cast(DType.Float64)));

        static void Refused(string part, Func<object> run) => Assert.Contains(part, Assert.Throws<ArgumentException>(run).Message);
    }

    private static (Tensor Output, Tensor Hidden, Tensor Cell) WithCell((Tensor Output, Tensor Hidden) result, Tensor cell) => (result.Output, result.Hidden, cell);

    private static Tensor[] Weights(string name, int size, Device device)
    {
        var rows = s_layers[name].Gates * size;
        return [Values(4, [rows, InputSize], device), Values(5, [rows, size], device) * (1 / Math.Sqrt(size)), Values(6, [rows], device), Values(7, [rows], device)];
    }

    private static Tensor Values(ulong stream, Shape shape, Device device) =>
        new Input(shape, Layout.Contiguous, -1, 1).Base(new RandomStream(51, stream)).Cast(DType.Float32).To(device);
}
