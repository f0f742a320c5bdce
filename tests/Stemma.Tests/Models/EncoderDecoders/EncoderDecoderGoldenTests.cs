using System.Text.Json;
using System.Text.Json.Nodes;
using Stemma.Generation;
using Stemma.Models;
using Stemma.Models.Checkpoints;
using Stemma.Numerics;
using Stemma.Numerics.Autograd;
using Stemma.Numerics.Formats;
using Stemma.Numerics.Ops;
using Stemma.Optimizers;
using Xunit;

namespace Stemma.Tests.Models.EncoderDecoders;

/// <summary>Encoder–decoders of Hugging Face, loaded from their folders, against the numbers that their implementation gave.</summary>
public sealed class EncoderDecoderGoldenTests : IDisposable
{
    private static readonly string[] s_models = ["t5", "t5_v1_0_relu", "t5_gated_silu", "bart", "bart_unscaled", "mbart"];

    private readonly TemporaryFolder _folder = new();

    public static TheoryData<string> Names => [.. s_models];

    public static TheoryData<string, string> Cases => new MatrixTheoryData<string, string>(s_models, ["plain", "padded_right"]);

    public void Dispose() => _folder.Dispose();

    [Theory, MemberData(nameof(Cases))]
    public void Logits_states_and_loss_are_the_originals_and_padding_does_not_count(string name, string casename)
    {
        foreach (var device in (Device[])[Device.Cpu, Device.Reference])
        {
            var model = EncoderDecoderCheckpoint.Load(Folder(name), device);
            var golden = Expected(name).At("cases", casename);
            var batch = Batch(golden);
            var encoded = model.Encode(Tensor.From(batch.Sources, [batch.Sources.Length], device), new(batch.SourceLayout));
            Golden.Close(Unpadded(golden, "encoder_last_hidden_state", golden.At("inputs", "attention_mask").Rows()), encoded.ToArray<float>(), 1e-4, $"{name} encoder");
            Golden.Close(Unpadded(golden, "logits", golden.At("compare_mask").Rows()), model.Logits(batch).ToArray<float>(), 1e-4, $"{name} logits");
            Assert.Equal(golden.At("loss").GetDouble(), model.Loss(batch).ToScalar(), 2e-5);
        }
    }

    [Theory, MemberData(nameof(Names))]
    public void Every_gradient_is_the_originals(string name)
    {
        var model = EncoderDecoderCheckpoint.Load(Folder(name));
        using var tape = Tape.Start();
        var gradients = tape.Backward(model.Loss(Batch(Expected(name).At("cases", "plain"))));
        var all = Expected(name).At("gradients", "all").EnumerateObject().ToDictionary(p => p.Name, p => p.Value);
        Assert.Equal(all.Keys.Order(), model.Parameters.Select(p => p.Name).Order());
        var largestOfAll = all.Values.Max(value => value.At("l2_norm").GetDouble());
        foreach (var weight in model.Parameters)
        {
            var (values, expected) = (gradients[weight].ToArray<float>(), all[weight.Name]);
            var norm = Math.Sqrt(values.Sum(x => (double)x * x));
            Assert.True(Math.Abs(expected.At("l2_norm").GetDouble() - norm) <= 2e-4 * norm + 1e-6 * largestOfAll, $"{weight.Name}: norm {norm:G6}, expected {expected.At("l2_norm").GetDouble():G6}");
            var largest = values.Max(Math.Abs);
            foreach (var (x, y) in expected.At("first4").Doubles().Zip(values)) Assert.True(Math.Abs(x - y) <= 1e-3 * largest + 1e-6 * largestOfAll, $"{weight.Name}: {y:G6}, expected {x:G6}");
        }
    }

    [Theory, MemberData(nameof(Names))]
    public void Six_steps_of_gradient_descent_lose_what_the_original_lost(string name)
    {
        var model = EncoderDecoderCheckpoint.Load(Folder(name));
        var batch = Batch(Expected(name).At("cases", "plain"));
        var optimizer = new SgdConfig().Build(model.Parameters);
        foreach (var (step, expected) in Expected(name).At("sgd", "loss_before_step").Doubles().Index())
        {
            using var tape = Tape.Start();
            var loss = model.Loss(batch);
            // T5's scores are not divided, and its gradient has a length of 30: a difference of 10⁻⁵ grows about fourfold from step to step, on either device.
            Assert.Equal(expected, loss.ToScalar(), name.StartsWith("t5", StringComparison.Ordinal) ? 2e-4 * Math.Pow(4, step) : 1e-4);
            optimizer.Step(tape.Backward(loss), Expected(name).At("sgd", "lr").GetDouble());
        }
    }

    [Theory, MemberData(nameof(Names))]
    public void Greedy_continuations_are_the_originals_with_cache_and_without(string name)
    {
        var model = EncoderDecoderCheckpoint.Load(Folder(name));
        foreach (var golden in Expected(name).At("greedy").EnumerateArray())
        {
            var expected = golden.At("new_tokens").Ints();
            var given = model.Given(golden.At("prompt").Ints());
            foreach (var cached in (bool[])[true, false])
            {
                var (tokens, logits) = (new List<int> { Start(name) }, new float[given.VocabSize]);
                using var state = given.Start();
                while (tokens.Count <= expected.Length)
                {
                    if (!cached) state.TryTruncate(0);
                    given.Advance([new(state, tokens.Skip(state.Length).ToArray(), Wanted.Last)], logits);
                    tokens.Add(logits.Index().MaxBy(x => x.Item).Index);
                }
                Assert.Equal(expected, tokens.Skip(1));
            }
        }
    }

    [Fact]
    public void A_beam_finds_what_the_originals_beam_found()
    {
        var model = EncoderDecoderCheckpoint.Load(Folder("t5"));
        var golden = Expected("t5").At("beam");
        var given = model.Given(golden.At("prompt").Ints());
        // The original's hypotheses all reach the most tokens: they are ranked by their mean log-probability.
        var (width, most) = (golden.At("num_beams").GetInt32(), golden.At("max_new_tokens").GetInt32());
        List<(int[] Tokens, double Score)> alive = [([0], 0)];
        for (var step = 0; step < most; step++)
        {
            var next = new List<(int[], double)>();
            foreach (var (tokens, score) in alive)
            {
                var logits = new float[given.VocabSize];
                using var state = given.Start();
                given.Advance([new(state, tokens, Wanted.Last)], logits);
                var log = Tensor.From(logits, [1, logits.Length]).LogSoftmax().ToArray<float>();
                for (var token = 0; token < log.Length; token++) next.Add(([.. tokens, token], score + log[token]));
            }
            alive = [.. next.OrderByDescending(one => one.Item2).Take(width)];
        }
        foreach (var (expected, i) in golden.At("sequences").Rows().Select((row, i) => (row, i)))
        {
            Assert.Equal(expected, alive[i].Tokens);
            Assert.Equal(golden.At("sequences_scores")[i].GetDouble(), alive[i].Score / most, 1e-3);
        }
        // And the search of the library has the same best beginnings.
        var best = new BeamSearch { Width = width, MaxTokens = most, Best = 1 }.Search(given, new[] { 0 }, end: 1);
        Assert.True(best[0].LogProbability >= alive[0].Score - 1e-3 || best[0].HasEnded);
    }

    [Theory, MemberData(nameof(Names))]
    public void A_saved_folder_has_the_originals_names_shapes_bits_and_fields(string name)
    {
        var model = EncoderDecoderCheckpoint.Load(Folder(name));
        EncoderDecoderCheckpoint.Save(_folder.Path, model);
        using var original = SafetensorsFile.Open(Path.Combine(Folder(name), "model.safetensors"));
        using var saved = SafetensorsFile.Open(_folder["model.safetensors"]);
        Assert.Equal(original.Tensors.Select(t => $"{t.Name} {t.Type}{t.Shape}").Order(), saved.Tensors.Select(t => $"{t.Name} {t.Type}{t.Shape}").Order());
        foreach (var tensor in original.Tensors) Assert.Equal(original.ReadTensor(tensor.Name).ToArray<float>(), saved.ReadTensor(tensor.Name).ToArray<float>());
        Assert.Equal(model.Config, EncoderDecoderCheckpoint.Load(_folder.Path, Device.Reference).Config);
        var (first, second) = (JsonNode.Parse(File.ReadAllText(Path.Combine(Folder(name), "config.json")))!.AsObject(), JsonNode.Parse(File.ReadAllText(_folder["config.json"]))!.AsObject());
        foreach (var (field, value) in first)
            if (second.ContainsKey(field)) Assert.True(JsonNode.DeepEquals(value, second[field]), $"{field} is {second[field]}, in the original {value}.");
    }

    [Fact]
    public void What_is_not_done_here_is_refused_with_its_field()
    {
        Refused("t5", "feed_forward_proj", "gated-magic", "feed_forward_proj");
        Refused("t5", "dense_act_fn", "relu", "dense_act_fn");
        Refused("t5", "relative_attention_num_buckets", 2, "relative_attention_num_buckets");
        Refused("t5", "relative_attention_max_distance", 3, "relative_attention_max_distance");
        Refused("t5", "num_decoder_layers", 4, "decoder.block.3");
        Refused("t5", "tie_word_embeddings", true, null);
        Refused("t5", "decoder_start_token_id", 100, "decoder_start_token_id");
        Refused("t5", "architectures", new JsonArray("T5EncoderModel"), "T5ForConditionalGeneration");
        Refused("bart", "encoder_layerdrop", 0.1, "encoder_layerdrop");
        Refused("bart", "decoder_attention_heads", 5, "decoder_attention_heads");
        Refused("bart", "max_position_embeddings", 41, "embed_positions");
        Refused("mbart", "model_type", "bart", "architectures");
    }

    [Fact]
    public void A_target_beyond_the_learned_positions_is_a_clear_error()
    {
        var given = EncoderDecoderCheckpoint.Load(Folder("bart_unscaled")).Given(new[] { 5, 6, 2 });
        using var state = given.Start();
        Assert.Equal(24, given.ContextLength);
        Assert.Throws<ArgumentException>(() => given.Advance([new(state, Enumerable.Repeat(7, 25).ToArray(), Wanted.None)], []));
    }

    private void Refused(string name, string field, JsonNode value, string? expected)
    {
        foreach (var file in (string[])["config.json", "model.safetensors"]) File.Copy(Path.Combine(Folder(name), file), _folder[file], overwrite: true);
        var config = JsonNode.Parse(File.ReadAllText(_folder["config.json"]))!.AsObject();
        config[field] = value;
        File.WriteAllText(_folder["config.json"], config.ToJsonString());
        // Tied, a stored projection is a copy that does not count, as in the library.
        if (expected is null)
        {
            EncoderDecoderCheckpoint.Load(_folder.Path);
            return;
        }
        var message = Assert.Throws<CheckpointException>(() => EncoderDecoderCheckpoint.Load(_folder.Path)).Message;
        Assert.Contains(expected, message);
        Assert.Contains(_folder.Path, message);
    }

    private static int Start(string name) => Expected(name).At("cases", "plain", "decoder_input_ids").ValueKind == JsonValueKind.Array && name != "mbart"
        ? Expected(name).At("cases", "plain", "decoder_input_ids")[0][0].GetInt32()
        : JsonDocument.Parse(File.ReadAllText(Path.Combine(Folder(name), "config.json"))).RootElement.At("decoder_start_token_id").GetInt32();

    private static PairBatch Batch(JsonElement golden)
    {
        var (sourceMask, targetMask) = (golden.At("inputs", "attention_mask").Rows(), golden.At("compare_mask").Rows());
        return new(
            Packed(golden.At("inputs", "input_ids").Rows(), sourceMask), SequenceLayout.Packed([.. sourceMask.Select(row => row.Sum())]),
            Packed(golden.At("decoder_input_ids").Rows(), targetMask), Packed(golden.At("labels").Rows(), targetMask), SequenceLayout.Packed([.. targetMask.Select(row => row.Sum())]));
    }

    private static int[] Packed(int[][] rows, int[][] mask) => [.. rows.Index().SelectMany(row => row.Item.Where((_, i) => mask[row.Index][i] == 1))];

    private static double[] Unpadded(JsonElement golden, string output, int[][] rows)
    {
        var values = golden.At("outputs", output).Doubles();
        int[] mask = [.. rows.SelectMany(row => row)];
        var width = values.Length / mask.Length;
        return [.. values.Where((_, i) => mask[i / width] == 1)];
    }

    private static string Folder(string name) => Path.Combine("Fixtures/models", name);

    private static JsonElement Expected(string name) => Golden.Load($"models/{name}/golden.json");
}
