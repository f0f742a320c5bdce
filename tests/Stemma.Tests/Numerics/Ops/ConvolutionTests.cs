using System.Text.Json;
using Stemma.Numerics;
using Stemma.Numerics.Autograd;
using Stemma.Numerics.Ops;
using Xunit;

namespace Stemma.Tests.Numerics.Ops;

public sealed class ConvolutionTests
{
    [Theory]
    [InlineData("k3_pad1")]
    [InlineData("stride2")]
    [InlineData("dilation2_no_bias")]
    public void A_convolution_and_its_gradients_are_PyTorchs(string name)
    {
        var golden = Case("conv1d", name);
        var config = golden.GetProperty("config");
        using var tape = Tape.Start();
        var (x, weight) = (Channels(golden.At("inputs", "input")), Value(golden.At("params", "weight")).WithGradient());
        var bias = config.GetProperty("bias").GetBoolean() ? Value(golden.At("params", "bias")).WithGradient() : null;
        var input = x.WithGradient();
        var y = input.Convolution1D(weight, bias, Number("stride"), Number("padding"), Number("dilation"));
        Golden.Close(golden.At("outputs", "output").Doubles(), Doubles(y.Transpose(1, 2)), 1e-8, "output");
        var gradients = tape.Backward((y * Channels(golden.At("grad_outputs", "output"))).Sum());
        Golden.Close(golden.At("grad_inputs", "input").Doubles(), Doubles(gradients[input].Transpose(1, 2)), 1e-8, "gradient of the input");
        Golden.Close(golden.At("grad_params", "weight").Doubles(), Doubles(gradients[weight]), 1e-8, "gradient of the weight");
        if (bias is not null) Golden.Close(golden.At("grad_params", "bias").Doubles(), Doubles(gradients[bias]), 1e-8, "gradient of the bias");

        int Number(string field) => config.GetProperty(field).GetInt32();
    }

    [Theory]
    [InlineData("max_k2")]
    [InlineData("avg_k3_s2")]
    public void Pooling_and_its_gradient_are_PyTorchs(string name)
    {
        var golden = Case("pool1d", name);
        using var tape = Tape.Start();
        var x = Channels(golden.At("inputs", "input")).WithGradient();
        var y = name == "max_k2" ? x.MaxPool1D(2) : x.MeanPool1D(3, 2);
        Golden.Close(golden.At("outputs", "output").Doubles(), Doubles(y.Transpose(1, 2)), 1e-8, "output");
        var gradient = tape.Backward((y * Channels(golden.At("grad_outputs", "output"))).Sum())[x];
        Golden.Close(golden.At("grad_inputs", "input").Doubles(), Doubles(gradient.Transpose(1, 2)), 1e-8, "gradient");
    }

    [Theory]
    [InlineData(1, 0, 1)]
    [InlineData(2, 1, 1)]
    [InlineData(1, 2, 2)]
    [InlineData(3, 2, 2)]
    public void A_convolution_over_a_plane_is_the_sum_over_its_windows(int stride, int padding, int dilation)
    {
        const int batch = 2, height = 6, width = 7, input = 3, output = 4, tall = 2, wide = 3;
        double[] x = Values(1, batch * height * width * input), w = Values(2, output * input * tall * wide), b = Values(3, output);
        var y = Tensor.From(x, [batch, height, width, input]).Convolution2D(Tensor.From(w, [output, input, tall, wide]), Tensor.From(b, [output]), stride, padding, dilation);
        var expected = new List<double>();
        for (var n = 0; n < batch; n++)
            for (var top = -padding; top + dilation * (tall - 1) < height + padding; top += stride)
                for (var left = -padding; left + dilation * (wide - 1) < width + padding; left += stride)
                    for (var o = 0; o < output; o++)
                    {
                        var sum = b[o];
                        for (var i = 0; i < input; i++)
                            for (var ky = 0; ky < tall; ky++)
                                for (var kx = 0; kx < wide; kx++)
                                {
                                    var (row, column) = (top + dilation * ky, left + dilation * kx);
                                    if (row < 0 || row >= height || column < 0 || column >= width) continue;
                                    sum += w[((o * input + i) * tall + ky) * wide + kx] * x[((n * height + row) * width + column) * input + i];
                                }
                        expected.Add(sum);
                    }
        Golden.Close(expected, y.ToArray<double>(), 1e-12, "output");
    }

    [Fact]
    public void Of_equals_the_first_gets_the_gradient()
    {
        using var tape = Tape.Start();
        var x = Tensor.From((float[])[1, 3, 3, 2, 5, 5], [6, 1]).WithGradient();
        var y = x.MaxOverTime(SequenceLayout.Packed(4, 2));
        Assert.Equal([3f, 5f], y.ToArray<float>());
        Assert.Equal([0f, 1f, 0f, 0f, 1f, 0f], tape.Backward(y.Sum())[x].ToArray<float>());
    }

    [Fact]
    public void What_does_not_fit_is_refused()
    {
        Tensor x = Tensor.Zeros([1, 4, 3]), weight = Tensor.Zeros([2, 3, 5]);
        Assert.Contains("is larger than", Assert.Throws<ArgumentException>(() => x.Convolution1D(weight)).Message, StringComparison.Ordinal);
        Assert.Contains("[1, 1, 4, 3]", Assert.Throws<ArgumentException>(() => x.Convolution1D(Tensor.Zeros([2, 4, 3]))).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => x.Convolution1D(weight, padding: 1, stride: 0));
        Assert.Contains("Sequence 1 has no rows", Assert.Throws<ArgumentException>(() => Tensor.Zeros([2, 3]).MaxOverTime(SequenceLayout.Packed(2, 0))).Message, StringComparison.Ordinal);
    }

    private static JsonElement Case(string file, string name) => Golden.Load($"layers/{file}.json").At("cases").EnumerateArray().Single(c => c.GetProperty("name").GetString() == name);

    private static Tensor Value(JsonElement element) => Tensor.From(element.Doubles(), element.Shape());

    // PyTorch's [batch, channels, length], channels last.
    private static Tensor Channels(JsonElement element) => Value(element).Transpose(1, 2).Contiguous().Detach();

    private static double[] Doubles(Tensor tensor) => tensor.Contiguous().ToArray<double>();

    private static double[] Values(ulong stream, int count)
    {
        var random = new RandomStream(7, stream);
        return [.. Enumerable.Range(0, count).Select(i => random.Normal((ulong)i))];
    }
}
