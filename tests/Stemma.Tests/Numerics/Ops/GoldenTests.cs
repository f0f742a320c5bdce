using System.Text.Json;
using Stemma.Numerics;
using Stemma.Numerics.Autograd;
using Stemma.Numerics.Ops;
using Xunit;

namespace Stemma.Tests.Numerics.Ops;

/// <summary>Values and gradients that PyTorch computed in float64; see Fixtures/layers/README.md.</summary>
public sealed class GoldenTests
{
    private delegate Tensor Layer(Func<string, Tensor> input, JsonElement config);

    private static readonly Dictionary<string, Layer> s_layers = new()
    {
        ["activations/gelu_erf"] = (x, _) => x("input").Gelu(),
        ["activations/gelu_tanh"] = (x, _) => x("input").GeluTanh(),
        ["activations/silu"] = (x, _) => x("input").Silu(),
        ["activations/relu"] = (x, _) => x("input").Relu(),
        ["activations/relu_squared"] = (x, _) => x("input").Relu().Square(),
        ["activations/tanh"] = (x, _) => x("input").Tanh(),
        ["activations/sigmoid"] = (x, _) => x("input").Sigmoid(),
        ["activations/quick_gelu"] = (x, _) => x("input") * (x("input") * 1.702).Sigmoid(),
        ["softmax/softmax_lastdim"] = (x, _) => x("input").Softmax(),
        ["softmax/log_softmax_lastdim"] = (x, _) => x("input").LogSoftmax(),
        ["softmax/softmax_dim0"] = (x, _) => x("input").Transposed.Softmax().Transposed,
        ["softmax/log_softmax_dim0"] = (x, _) => x("input").Transposed.LogSoftmax().Transposed,
        ["softmax/softmax_extreme"] = (x, _) => x("input").Softmax(),
        ["softmax/log_softmax_extreme"] = (x, _) => x("input").LogSoftmax(),
        ["softmax/logsumexp"] = (x, _) => x("input").LogSumExp(),
        ["softmax/softmax_temperature_0.7"] = (x, _) => (x("input") / 0.7).Softmax(),
        ["layer_norm/affine"] = (x, config) => x("input").LayerNorm(x("weight"), x("bias"), config.GetProperty("eps").GetDouble()),
        ["layer_norm/no_affine"] = (x, config) => x("input").LayerNorm(null, null, config.GetProperty("eps").GetDouble()),
        ["rms_norm/llama_style"] = (x, config) => x("input").RmsNorm(x("weight"), config.GetProperty("eps").GetDouble()),
        ["rms_norm/gemma_style"] = (x, config) => x("input").RmsNorm(x("weight") + 1, config.GetProperty("eps").GetDouble()),
        ["linear/bias"] = (x, _) => x("input").Linear(x("weight"), x("bias")),
        ["linear/no_bias"] = (x, _) => x("input").Linear(x("weight")),
        ["embedding/plain"] = (x, _) => x("weight").Gather(x("ids")),
        ["cross_entropy/mean"] = (x, _) => x("logits").CrossEntropy(x("target")),
        ["cross_entropy/sum"] = (x, _) => x("logits").CrossEntropy(x("target"), divisor: 1),
        ["cross_entropy/none"] = (x, _) => x("logits").CrossEntropyRows(x("target")),
        ["cross_entropy/ignore_index"] = (x, _) => x("logits").CrossEntropy(x("target")),
        ["cross_entropy/label_smoothing"] = (x, config) => x("logits").CrossEntropy(x("target"), Smoothing(config)),
        ["cross_entropy/ignore_index_label_smoothing"] = (x, config) => x("logits").CrossEntropy(x("target"), Smoothing(config)),
        ["cross_entropy/ignore_index_label_smoothing_sum"] = (x, config) => x("logits").CrossEntropy(x("target"), Smoothing(config), divisor: 1),
        ["cross_entropy/soft_targets"] = (x, _) => -(x("logits").LogSoftmax() * x("target_probs")).Sum() / x("logits").Shape[0],
        ["scaled_dot_product_attention/no_mask"] = (x, _) => Attention(x, AttentionWindow.Full),
        ["scaled_dot_product_attention/causal"] = (x, _) => Attention(x, AttentionWindow.Causal),
    };

    public static TheoryData<string> Layers => [.. s_layers.Keys];

    [Theory]
    [MemberData(nameof(Layers))]
    public void Values_and_gradients_equal_PyTorchs(string name)
    {
        var layer = Golden.Load($"layers/{name.Split('/')[0]}.json").GetProperty("cases").EnumerateArray().Single(c => c.GetProperty("name").GetString() == name.Split('/')[1]);
        Check(name, layer, Device.Reference, DType.Float64, 0);
        var float32 = 4 * layer.GetProperty("float32_max_abs_diff").GetDouble();
        Check(name, layer, Device.Reference, DType.Float32, float32);
        Check(name, layer, Device.Cpu, DType.Float32, float32);
    }

    private static void Check(string name, JsonElement layer, Device device, DType dtype, double tolerance)
    {
        var inputs = new Dictionary<string, Tensor>();
        foreach (var group in new[] { "inputs", "params" })
        {
            if (!layer.TryGetProperty(group, out var tensors)) continue;
            foreach (var tensor in tensors.EnumerateObject()) inputs.Add(tensor.Name, Read(tensor.Value, device, dtype));
        }
        using var tape = Tape.Start();
        var y = s_layers[name](key => inputs[key], layer.TryGetProperty("config", out var config) ? config : default);
        var expected = layer.GetProperty("outputs").EnumerateObject().First().Value;
        Assert.Equal(expected.Shape(), y.Shape);
        Compare(y, expected, tolerance, $"{name}, {dtype} on {device}: value");
        var gradients = tape.Backward((y * Read(layer.GetProperty("grad_outputs").EnumerateObject().First().Value, device, dtype)).Sum());
        foreach (var group in new[] { "grad_inputs", "grad_params" })
        {
            if (!layer.TryGetProperty(group, out var tensors)) continue;
            foreach (var tensor in tensors.EnumerateObject()) Compare(gradients[inputs[tensor.Name]], tensor.Value, tolerance, $"{name}, {dtype} on {device}: gradient of {tensor.Name}");
        }
    }

    private static void Compare(Tensor actual, JsonElement expected, double tolerance, string what)
    {
        var (a, b) = (actual.Detach().Cast(DType.Float64).ToArray<double>(), expected.Doubles());
        // What torch's own float32 is off by, of which some cases have less than a rounding; nine digits are given.
        var rounding = actual.DType == DType.Float32 ? 2e-7 : 5e-9;
        Close.Check(a, b, Math.Max(tolerance / Math.Max(b.Max(Math.Abs), 1e-30), rounding), what);
    }

    private static Tensor Read(JsonElement tensor, Device device, DType dtype)
    {
        if (tensor.TryGetProperty("dtype", out _)) return Tensor.From(tensor.GetProperty("data").Ints(), tensor.Shape(), device);
        return Tensor.From(tensor.Doubles(), tensor.Shape(), device).Cast(dtype).WithGradient();
    }

    private static double Smoothing(JsonElement config) => config.GetProperty("label_smoothing").GetDouble();

    /// <summary>[batch, heads, length, size] packed to [rows, heads, size] and back.</summary>
    private static Tensor Attention(Func<string, Tensor> x, AttentionWindow window)
    {
        var (batch, heads, queries, size) = x("q").Shape;
        var keys = x("k").Shape[2];
        int[] queryOffsets = [.. Enumerable.Range(0, batch + 1).Select(i => i * queries)], keyOffsets = [.. Enumerable.Range(0, batch + 1).Select(i => i * keys)];
        var y = TensorOps.Attention(Packed(x("q")), Packed(x("k")), Packed(x("v")), new SequenceLayout(queryOffsets, keyOffsets), window);
        return y.Reshape(batch, queries, heads, size).Transpose(1, 2);

        static Tensor Packed(Tensor t) => t.Transpose(1, 2).Reshape(-1, t.Shape[1], t.Shape[3]);
    }
}
