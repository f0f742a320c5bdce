using Stemma.Layers;
using Stemma.Models.Gpt2;
using Stemma.Numerics;
using Stemma.Numerics.Autograd;
using Stemma.Numerics.Ops;
using Xunit;

namespace Stemma.Tests.Numerics.Ops;

/// <summary>On a device of bfloat16 precision, what goes from one matrix product to the next is stored in bfloat16.</summary>
public sealed class ActivationTypeTests
{
    // Half a unit in the last of eight bits.
    private const double Rounding = 1.0 / 256;
    private static readonly Device s_rounded = Device.CreateCpu(2, ComputePrecision.BFloat16);
    private static readonly Device s_oneThread = Device.CreateCpu(1, ComputePrecision.BFloat16);

    [Theory]
    [InlineData(1, 1)]
    [InlineData(3, 7)]
    [InlineData(5, 16)]
    [InlineData(130, 131)]
    [InlineData(40, 1000)]
    public void Each_operation_gives_what_float32_gives_rounded_once(int rows, int size)
    {
        (string Name, Func<Tensor, Tensor> Run)[] operations =
        [
            ("gelu", x => x.GeluTanh()),
            ("silu", x => x.Silu()),
            ("relu", x => x.Relu()),
            ("layer norm", x => x.Cast(DType.Float32).LayerNorm(Row(size, x.Device), Row(size, x.Device), 1e-5, x.DType)),
            ("rms norm", x => x.Cast(DType.Float32).RmsNorm(Row(size, x.Device), 1e-5, x.DType)),
            ("dropout beside a residual", x => Values(rows, size, 9, x.Device).AddDropout(x, 0.3, new RandomStream(4))),
            ("residual", x => Values(rows, size, 9, x.Device).AddDropout(x, 0, default)),
        ];
        foreach (var (name, run) in operations)
        {
            var (expected, expectedGradient) = Run(Device.Cpu, run);
            foreach (var device in (Device[])[s_rounded, s_oneThread])
            {
                var (actual, gradient) = Run(device, run);
                Near(expected, actual, Rounding, $"{name} [{rows}, {size}]");
                Near(expectedGradient, gradient, 2 * Rounding, $"gradient of {name} [{rows}, {size}]");
            }
        }

        (float[] Result, float[] Gradient) Run(Device device, Func<Tensor, Tensor> operation)
        {
            using var tape = Tape.Start();
            // The same numbers on both devices: rounded already.
            var x = Values(rows, size, 1, device).Cast(DType.BFloat16);
            x = (device.ActivationType == DType.BFloat16 ? x : x.Cast(DType.Float32)).Detach().WithGradient();
            var y = operation(x);
            tape.Keep(y);
            var gradient = tape.Backward((y * Values(rows, size, 2, device)).Sum())[x];
            Assert.Equal(x.DType, gradient.DType);
            return (y.Cast(DType.Float32).ToArray<float>(), gradient.Cast(DType.Float32).ToArray<float>());
        }
    }

    [Fact]
    public void A_linear_layer_reads_and_writes_bfloat16_and_keeps_its_gradients_in_float32()
    {
        var (plain, rounded) = (Gradients(Device.Cpu), Gradients(s_rounded));
        for (var i = 0; i < plain.Length; i++) Near(plain[i], rounded[i], 4 * Rounding, $"gradient {i}");

        static float[][] Gradients(Device device)
        {
            var (first, second, bias) = (Values(40, 30, 1, device).WithGradient(), Values(30, 40, 2, device).WithGradient(), Values(1, 40, 3, device).Reshape([40]).WithGradient());
            using var tape = Tape.Start();
            var hidden = Values(50, 30, 4, device).Linear(first, bias, device.ActivationType);
            Assert.Equal(device.ActivationType, hidden.DType);
            var y = hidden.GeluTanh().Linear(second);
            Assert.Equal(DType.Float32, y.DType);
            var gradients = tape.Backward((y * Values(50, 30, 5, device)).Sum());
            return [.. ((Tensor[])[first, second, bias]).Select(weight => gradients[weight].ToArray<float>())];
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_model_trains_on_gradients_close_to_those_of_float32(bool checkpointing)
    {
        var plain = Gradients(Device.Cpu, false);
        var rounded = Gradients(s_rounded, checkpointing);
        Assert.Equal(rounded, Gradients(s_oneThread, checkpointing));
        double difference = 0, size = 0;
        for (var i = 0; i < plain.Length; i++)
        {
            difference += Math.Pow(plain[i] - rounded[i], 2);
            size += Math.Pow(plain[i], 2);
        }
        Assert.InRange(Math.Sqrt(difference / size), 1e-6, 0.02);

        static float[] Gradients(Device device, bool checkpointing)
        {
            var config = Gpt2Config.Tiny with { VocabSize = 31, ContextLength = 24, HiddenSize = 64, Dropout = 0.1 };
            var model = new Gpt2Model(config, new Weights(new InitialWeights(5), device));
            var ids = Enumerable.Range(0, 49).Select(i => i * i % 31).ToArray();
            using var tape = Tape.Start();
            var pass = new Pass(SequenceLayout.Batch(2, 24), Dropout: new RandomStream(3), Checkpointing: checkpointing);
            var gradients = tape.Backward(model.Loss(Tensor.From(ids[..48], [48], device), Tensor.From(ids[1..], [48], device), pass));
            return [.. model.Parameters.SelectMany(weight => gradients[weight].ToArray<float>())];
        }
    }

    [Fact]
    public void Infinities_and_what_is_no_number_survive_storing()
    {
        float[] values = [float.PositiveInfinity, float.NegativeInfinity, float.NaN, BitConverter.Int32BitsToSingle(0x7f800001), -0f, float.MaxValue, 1 + 1f / 256, 1 + 3f / 256, .. new float[30]];
        var stored = Tensor.From(values, [values.Length]).Cast(DType.BFloat16).ToArray<BFloat16>();
        for (var i = 0; i < values.Length; i++) Assert.Equal((float)(BFloat16)values[i], (float)stored[i]);
        Assert.True(float.IsNaN(stored[3]));
        Assert.Equal(1f, (float)stored[6]);
        Assert.Equal(1 + 4f / 256, (float)stored[7]);
    }

    private static Tensor Row(int size, Device device) => Values(1, size, 7, device).Reshape([size]);

    private static Tensor Values(int rows, int size, ulong stream, Device device)
    {
        var random = new RandomStream(11).Fork(stream);
        return Tensor.From([.. Enumerable.Range(0, rows * size).Select(i => (float)random.Normal((ulong)i))], [rows, size], device);
    }

    private static void Near(float[] expected, float[] actual, double tolerance, string what)
    {
        Assert.Equal(expected.Length, actual.Length);
        var scale = expected.Max(Math.Abs);
        for (var i = 0; i < expected.Length; i++)
            Assert.True(Math.Abs(expected[i] - actual[i]) <= tolerance * Math.Max(scale, 1e-3), $"{what}: {actual[i]} is not {expected[i]} at {i}");
    }
}
