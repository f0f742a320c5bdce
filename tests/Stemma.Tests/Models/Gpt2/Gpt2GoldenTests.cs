using System.Text.Json;
using Stemma.Layers;
using Stemma.Models.Gpt2;
using Stemma.Numerics;
using Stemma.Numerics.Autograd;
using Stemma.Numerics.Ops;
using Stemma.Optimizers;
using Xunit;

namespace Stemma.Tests.Models.Gpt2;

/// <summary>A GPT-2 of Hugging Face, loaded from its folder, against the numbers that their implementation gave.</summary>
public sealed class Gpt2GoldenTests
{
    internal const string Folder = "Fixtures/models/gpt2";

    private static readonly JsonElement Expected = Golden.Load("models/gpt2/golden.json");

    public static TheoryData<string> Devices => ["cpu", "reference"];

    public static TheoryData<string, string> Cases => new MatrixTheoryData<string, string>(["cpu", "reference"], ["plain", "padded_left"]);

    [Theory, MemberData(nameof(Cases))]
    public void Logits_and_hidden_states_are_the_originals(string device, string name)
    {
        var model = Load(device);
        var golden = Expected.At("cases", name);
        var rows = UnpaddedRows(golden);
        var states = new Recorder();
        var logits = model.Logits(Ids([.. rows.SelectMany(r => r)], model.Device), new(SequenceLayout.Packed([.. rows.Select(r => r.Length)]), Observer: states));
        var last = states.Blocks[^1].LayerNorm(Weight(model, "transformer.ln_f.weight"), Weight(model, "transformer.ln_f.bias"), 1e-5);
        Golden.Close(Unpadded(golden, "logits"), logits.ToArray<float>(), 1e-4, "logits");
        Golden.Close(Unpadded(golden, "last_hidden_state"), last.ToArray<float>(), 1e-4, "last hidden state");
        if (!golden.At("outputs").TryGetProperty("hidden_states_before_last", out var before)) return;
        for (var i = 0; i < states.Inputs.Count; i++) Golden.Close(before[i].Doubles(), states.Inputs[i].ToArray<float>(), 1e-4, $"input of block {i}");
    }

    [Theory, MemberData(nameof(Cases))]
    public void The_loss_is_the_originals(string device, string name)
    {
        var model = Load(device);
        var golden = Expected.At("cases", name);
        Assert.Equal(UnpaddedLoss(golden), Loss(model, UnpaddedRows(golden)).ToScalar(), 1e-5);
    }

    [Theory, MemberData(nameof(Devices))]
    public void Every_gradient_is_the_originals(string device)
    {
        var model = Load(device);
        using var tape = Tape.Start();
        var gradients = tape.Backward(Loss(model, UnpaddedRows(Expected.At("cases", "plain"))));
        var all = Expected.At("gradients", "all").EnumerateObject().ToDictionary(p => p.Name, p => p.Value);
        Assert.Equal(all.Keys.Order(), model.Parameters.Select(p => p.Name).Order());
        foreach (var weight in model.Parameters)
        {
            // The original stores linear layers as [input, output].
            var gradient = gradients[weight];
            var values = (IsLinear(weight) ? gradient.Transposed : gradient).ToArray<float>();
            var norm = Math.Sqrt(values.Sum(x => (double)x * x));
            var expected = all[weight.Name];
            Assert.Equal(expected.At("l2_norm").GetDouble(), norm, 1e-4 * norm);
            var largest = values.Max(Math.Abs);
            foreach (var (x, y) in expected.At("first4").Doubles().Zip(values)) Assert.Equal(x, y, 1e-4 * largest);
        }
        foreach (var full in Expected.At("gradients", "full").EnumerateObject())
        {
            var weight = model.Parameters.Single(p => p.Name == full.Name);
            var gradient = IsLinear(weight) ? gradients[weight].Transposed : gradients[weight];
            Assert.Equal(full.Value.Shape(), gradient.Shape);
            Golden.Close(full.Value.Doubles(), gradient.ToArray<float>(), 1e-4, full.Name);
        }
    }

    [Theory, MemberData(nameof(Devices))]
    public void Greedy_continuations_are_the_originals_with_cache_and_without(string device)
    {
        var model = Load(device);
        foreach (var golden in Expected.At("greedy").EnumerateArray())
        {
            var (prompt, expected) = (golden.At("prompt").Ints(), golden.At("new_tokens").Ints());
            Assert.Equal(expected, Greedy(model, prompt, expected.Length, cached: true));
            Assert.Equal(expected, Greedy(model, prompt, expected.Length, cached: false));
        }
    }

    [Theory, MemberData(nameof(Devices))]
    public void Six_steps_of_gradient_descent_lose_what_the_original_lost(string device)
    {
        var model = Load(device);
        var rows = UnpaddedRows(Expected.At("cases", "plain"));
        var optimizer = new SgdConfig().Build(model.Parameters);
        foreach (var expected in Expected.At("sgd", "loss_before_step").Doubles())
        {
            using var tape = Tape.Start();
            var loss = Loss(model, rows);
            Assert.Equal(expected, loss.ToScalar(), 1e-5);
            optimizer.Step(tape.Backward(loss), Expected.At("sgd", "lr").GetDouble());
        }
    }

    [Fact]
    public void Devices_agree()
    {
        var ids = UnpaddedRows(Expected.At("cases", "plain"))[0];
        var (cpu, reference) = (Load("cpu"), Load("reference"));
        var expected = reference.Logits(Ids(ids, reference.Device), new(SequenceLayout.Packed(ids.Length))).ToArray<float>();
        Golden.Close(Array.ConvertAll(expected, x => (double)x), cpu.Logits(Ids(ids, cpu.Device), new(SequenceLayout.Packed(ids.Length))).ToArray<float>(), 1e-5);
    }

    internal static Gpt2Model Load(string device) => Gpt2Checkpoint.Load(Folder, device == "cpu" ? Device.Cpu : Device.Reference);

    internal static Tensor Ids(int[] ids, Device device) => Tensor.From(ids, [ids.Length], device);

    internal static int[][] UnpaddedRows(JsonElement golden)
    {
        var mask = golden.At("inputs", "attention_mask").Rows();
        return [.. golden.At("inputs", "input_ids").Rows().Select((row, i) => row.Where((_, j) => mask[i][j] == 1).ToArray())];
    }

    /// <summary>The mean over all but each row's first token, as the original shifts labels.</summary>
    private static Tensor Loss(Gpt2Model model, int[][] rows)
    {
        int[] targets = [.. rows.SelectMany(row => row.Skip(1).Append(TensorOps.IgnoreIndex))];
        return model.Loss(Ids([.. rows.SelectMany(row => row)], model.Device), Ids(targets, model.Device), new(SequenceLayout.Packed([.. rows.Select(row => row.Length)])));
    }

    /// <summary>The original's loss without what padding predicts: shifted, its last padded position counts as predicting the first real token.</summary>
    private static double UnpaddedLoss(JsonElement golden)
    {
        var (mask, labels) = (golden.At("inputs", "attention_mask").Rows(), golden.At("labels").Rows());
        var (logits, shape) = (golden.At("outputs", "logits").Doubles(), golden.At("outputs", "logits").Shape());
        var (sum, counted, real) = (0.0, 0, 0);
        for (var row = 0; row < mask.Length; row++)
        {
            for (var i = 0; i + 1 < mask[row].Length; i++)
            {
                if (labels[row][i + 1] < 0) continue;
                counted++;
                if (mask[row][i] == 1)
                {
                    real++;
                    continue;
                }
                var values = logits.AsSpan((row * shape[1] + i) * shape[2], shape[2]).ToArray();
                sum -= Math.Log(values.Sum(Math.Exp)) - values[labels[row][i + 1]];
            }
        }
        return (golden.At("loss").GetDouble() * counted + sum) / real;
    }

    private static Tensor Weight(Gpt2Model model, string name) => model.Parameters.Single(p => p.Name == name).Value;

    private static bool IsLinear(Parameter weight) => weight.Shape.Rank == 2 && weight.Name.Contains(".h.", StringComparison.Ordinal);

    private static double[] Unpadded(JsonElement golden, string output)
    {
        var (values, width) = (golden.At("outputs", output).Doubles(), golden.At("outputs", output).Shape()[-1]);
        int[] mask = [.. golden.At("compare_mask").Rows().SelectMany(r => r)];
        return [.. values.Where((_, i) => mask[i / width] == 1)];
    }

    private static int[] Greedy(Gpt2Model model, int[] prompt, int count, bool cached)
    {
        var (tokens, logits) = (prompt.ToList(), new float[model.VocabSize]);
        using var state = model.Start();
        for (var i = 0; i < count; i++)
        {
            if (!cached) state.TryTruncate(0);
            model.Advance([new(state, tokens.Skip(state.Length).ToArray(), Wanted.Last)], logits);
            tokens.Add(logits.Index().MaxBy(x => x.Item).Index);
        }
        return [.. tokens.Skip(prompt.Length)];
    }

    private sealed class Recorder : IObserver
    {
        public List<Tensor> Inputs { get; } = [];

        public List<Tensor> Blocks { get; } = [];

        public Tensor Observe(Site site, int layer, Tensor value)
        {
            if (site == Site.ResidualPre) Inputs.Add(value);
            if (site == Site.ResidualPost) Blocks.Add(value);
            return value;
        }
    }
}
