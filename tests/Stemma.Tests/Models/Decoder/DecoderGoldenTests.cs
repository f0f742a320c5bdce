using System.Text.Json;
using Stemma.Generation;
using Stemma.Models;
using Stemma.Numerics;
using Stemma.Numerics.Autograd;
using Stemma.Numerics.Ops;
using Stemma.Optimizers;
using Xunit;

namespace Stemma.Tests.Models.Decoder;

/// <summary>Decoders of Hugging Face, loaded from their folders, against the numbers that their implementation gave.</summary>
public sealed class DecoderGoldenTests
{
    private const string Root = "Fixtures/models";

    public static TheoryData<string> Names => [.. Folders];

    public static TheoryData<string, string> NamesAndDevices => new MatrixTheoryData<string, string>(Folders, ["cpu", "reference"]);

    /// <summary>Every folder of a causal model but that of GPT-2, which has tests of its own.</summary>
    internal static string[] Folders { get; } = [.. Directory.GetDirectories(Root).Where(IsDecoder).Select(folder => Path.GetFileName(folder)!).Order(StringComparer.Ordinal)];

    [Fact]
    public void Every_family_has_a_folder() =>
        Assert.Empty(Stemma.Models.Checkpoints.HuggingFaceFamilies.All.Select(family => family.ModelType).Except(Folders.Select(name => Expected(name).GetProperty("model_type").GetString()!)));

    [Theory, MemberData(nameof(NamesAndDevices))]
    public void Logits_and_losses_are_the_originals(string name, string device)
    {
        var model = Load(name, device);
        foreach (var golden in Expected(name).GetProperty("cases").EnumerateObject())
        {
            var rows = UnpaddedRows(golden.Value);
            // Where angles grow with the sequence, the padded row is shorter here than in the original's batch, whose longest row decides for all.
            if (name is ("llama_dynamic" or "phi3_longrope") && golden.Name != "plain") continue;
            Golden.Close(Unpadded(golden.Value), Logits(model, rows), 1e-4, $"logits of {golden.Name}");
            if (golden.Name == "plain") Assert.Equal(golden.Value.GetProperty("loss").GetDouble(), Loss(model, rows).ToScalar(), 2e-5);
        }
    }

    [Theory, MemberData(nameof(Names))]
    public void Every_gradient_is_the_originals(string name)
    {
        var model = Load(name, "cpu");
        using var tape = Tape.Start();
        var gradients = tape.Backward(Loss(model, UnpaddedRows(Expected(name).At("cases", "plain"))));
        var all = Expected(name).At("gradients", "all").EnumerateObject().ToDictionary(p => p.Name, p => p.Value);
        Assert.Equal(all.Keys.Order(), model.Parameters.Select(p => p.Name).Order());
        var largestNorm = all.Values.Max(gradient => gradient.At("l2_norm").GetDouble());
        foreach (var weight in model.Parameters)
        {
            var values = gradients.TryGet(weight, out var gradient) ? gradient.ToArray<float>() : new float[weight.Shape.Count];
            var expected = all[weight.Name];
            // A bias of keys changes nothing: its gradient is the rounding of both.
            var slack = 1e-6 * largestNorm;
            Assert.Equal(expected.At("l2_norm").GetDouble(), Math.Sqrt(values.Sum(x => (double)x * x)), (2e-4 * expected.At("l2_norm").GetDouble()) + slack);
            foreach (var (x, y) in expected.At("first4").Doubles().Zip(values)) Assert.Equal(x, y, (2e-4 * values.Max(Math.Abs)) + slack);
        }
        if (!Expected(name).At("gradients").TryGetProperty("full", out var full)) return;
        foreach (var tensor in full.EnumerateObject()) Golden.Close(tensor.Value.Doubles(), gradients[model.Parameters.Single(p => p.Name == tensor.Name)].ToArray<float>(), 1e-4, tensor.Name);
    }

    [Theory, MemberData(nameof(Names))]
    public void Greedy_continuations_are_the_originals_with_cache_and_without(string name)
    {
        var model = Load(name, "cpu");
        foreach (var golden in Expected(name).At("greedy").EnumerateArray())
        {
            var (prompt, expected) = (golden.At("prompt").Ints(), golden.At("new_tokens").Ints());
            // Angles that grow with the sequence turn cached keys by those of their time.
            if (name is not ("llama_dynamic" or "phi3_longrope")) Assert.Equal(expected, Greedy(model, prompt, Math.Min(expected.Length, model.ContextLength!.Value - prompt.Length), cached: true));
            else if (prompt.Length + expected.Length > model.ContextLength) continue;
            Assert.Equal(expected, Greedy(model, prompt, expected.Length, cached: false));
        }
    }

    [Theory, InlineData("llama"), InlineData("mistral")]
    public void Six_steps_of_gradient_descent_lose_what_the_original_lost(string name)
    {
        var model = Load(name, "cpu");
        var rows = UnpaddedRows(Expected(name).At("cases", "plain"));
        var optimizer = new SgdConfig().Build(model.Parameters);
        foreach (var expected in Expected(name).At("sgd", "loss_before_step").Doubles())
        {
            using var tape = Tape.Start();
            var loss = Loss(model, rows);
            Assert.Equal(expected, loss.ToScalar(), 1e-5);
            optimizer.Step(tape.Backward(loss), Expected(name).At("sgd", "lr").GetDouble());
        }
    }

    [Fact]
    public void Beams_are_the_originals()
    {
        var (model, golden) = (Load("llama", "cpu"), Expected("llama").At("beam"));
        var (prompt, width, count) = (golden.At("prompt").Ints(), golden.At("num_beams").GetInt32(), golden.At("max_new_tokens").GetInt32());
        List<(int[] Tokens, double Sum)> beams = [([], 0)];
        for (var step = 0; step < count; step++)
        {
            beams = [.. beams.SelectMany(beam =>
            {
                var logits = Logits(model, [.. prompt, .. beam.Tokens]).AsSpan(^model.VocabSize..).ToArray();
                var normaliser = Math.Log(logits.Sum(x => Math.Exp(x)));
                return logits.Select((logit, token) => ((int[])[.. beam.Tokens, token], beam.Sum + logit - normaliser));
            }).OrderByDescending(beam => beam.Item2).Take(width)];
        }
        Assert.Equal(golden.At("sequences").Rows(), beams.Select(beam => (int[])[.. prompt, .. beam.Tokens]));
        Golden.Close(golden.At("sequences_scores").Doubles(), [.. beams.Select(beam => beam.Sum / count)], 1e-5, "scores");
        var search = new BeamSearch { Width = width, MaxTokens = count }.Search(model, prompt, end: 2);
        Assert.Equal(beams[0].Tokens, search[0].Tokens);
    }

    internal static NeuralLanguageModel Load(string name, string device) => ModelFolder.Load($"{Root}/{name}", device == "cpu" ? Device.Cpu : Device.Reference);

    internal static JsonElement Expected(string name) => Golden.Load($"models/{name}/golden.json");

    internal static Tensor Ids(int[] ids, Device device) => Tensor.From(ids, [ids.Length], device);

    internal static int[][] UnpaddedRows(JsonElement golden)
    {
        var mask = golden.At("inputs", "attention_mask").Rows();
        return [.. golden.At("inputs", "input_ids").Rows().Select((row, i) => row.Where((_, j) => mask[i][j] == 1).ToArray())];
    }

    internal static float[] Logits(NeuralLanguageModel model, params int[][] rows) =>
        model.Logits(Ids([.. rows.SelectMany(r => r)], model.Device), new(SequenceLayout.Packed([.. rows.Select(r => r.Length)]))).ToArray<float>();

    /// <summary>The mean over all but each row's first token, as the original shifts labels.</summary>
    internal static Tensor Loss(NeuralLanguageModel model, int[][] rows)
    {
        int[] targets = [.. rows.SelectMany(row => row.Skip(1).Append(TensorOps.IgnoreIndex))];
        return model.Loss(Ids([.. rows.SelectMany(row => row)], model.Device), Ids(targets, model.Device), new(SequenceLayout.Packed([.. rows.Select(row => row.Length)])));
    }

    private static double[] Unpadded(JsonElement golden)
    {
        var (values, width) = (golden.At("outputs", "logits").Doubles(), golden.At("outputs", "logits").Shape()[-1]);
        int[] mask = [.. golden.At("compare_mask").Rows().SelectMany(r => r)];
        return [.. values.Where((_, i) => mask[i / width] == 1)];
    }

    private static int[] Greedy(NeuralLanguageModel model, int[] prompt, int count, bool cached)
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

    private static bool IsDecoder(string folder)
    {
        var golden = Path.Combine(folder, "golden.json");
        return File.Exists(golden) && Path.GetFileName(folder) != "gpt2" && JsonDocument.Parse(File.ReadAllBytes(golden)).RootElement.GetProperty("kind").GetString() == "causal-lm";
    }
}
