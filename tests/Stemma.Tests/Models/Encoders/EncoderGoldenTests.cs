using System.Text.Json;
using System.Text.Json.Nodes;
using Stemma.Layers;
using Stemma.Models.Checkpoints;
using Stemma.Models.Heads;
using Stemma.Numerics;
using Stemma.Numerics.Autograd;
using Stemma.Numerics.Formats;
using Stemma.Numerics.Ops;
using Stemma.Optimizers;
using Xunit;

namespace Stemma.Tests.Models.Encoders;

/// <summary>Encoders of Hugging Face, loaded from their folders, against the numbers that their implementation gave.</summary>
public sealed class EncoderGoldenTests : IDisposable
{
    private static readonly string[] s_models =
    [
        "bert", "bert_pretraining", "bert_classes", "bert_tags", "bert_answers", "roberta", "roberta_classes", "distilbert", "distilbert_classes",
        "albert", "albert_classes", "electra", "electra_generator", "electra_classes",
    ];

    private readonly TemporaryFolder _folder = new();

    public static TheoryData<string> Names => [.. s_models];

    public static TheoryData<string, string> Cases => new MatrixTheoryData<string, string>(s_models, ["plain", "padded_right"]);

    public void Dispose() => _folder.Dispose();

    [Theory, MemberData(nameof(Cases))]
    public void Logits_and_loss_are_the_originals_and_padding_does_not_count(string name, string casename)
    {
        foreach (var device in (Device[])[Device.Cpu, Device.Reference])
        {
            var model = EncoderCheckpoint.Load(Folder(name), device);
            var batch = new Batch(Expected(name).At("cases", casename), model.Device);
            foreach (var (output, actual) in batch.Logits(model)) Golden.Close(batch.Output(output), actual, 1e-4, $"{name} {output}");
            Assert.Equal(batch.ExpectedLoss(), batch.Loss(model).ToScalar(), 2e-5);
        }
    }

    [Theory, MemberData(nameof(Names))]
    public void Every_gradient_is_the_originals(string name)
    {
        var model = EncoderCheckpoint.Load(Folder(name));
        var batch = new Batch(Expected(name).At("cases", "plain"), model.Device);
        using var tape = Tape.Start();
        var gradients = tape.Backward(batch.Loss(model));
        var all = Expected(name).At("gradients", "all").EnumerateObject().ToDictionary(p => p.Name, p => p.Value);
        // Tables of a single row, or of parts not used here, may have no gradient there.
        Assert.Empty(all.Keys.Except(model.Parameters.Select(p => p.Name)));
        var largestOfAll = all.Values.Max(value => value.At("l2_norm").GetDouble());
        foreach (var weight in model.Parameters)
        {
            if (!all.TryGetValue(weight.Name, out var expected)) continue;
            var values = gradients[weight].ToArray<float>();
            var norm = Math.Sqrt(values.Sum(x => (double)x * x));
            Assert.True(Math.Abs(expected.At("l2_norm").GetDouble() - norm) <= 2e-4 * norm + 1e-6 * largestOfAll, $"{weight.Name}: norm {norm:G6}, expected {expected.At("l2_norm").GetDouble():G6}");
            var largest = values.Max(Math.Abs);
            foreach (var (x, y) in expected.At("first4").Doubles().Zip(values)) Assert.True(Math.Abs(x - y) <= 2e-4 * largest + 1e-6 * largestOfAll, $"{weight.Name}: {y:G6}, expected {x:G6}");
        }
    }

    [Theory, MemberData(nameof(Names))]
    public void Six_steps_of_gradient_descent_lose_what_the_original_lost(string name)
    {
        var model = EncoderCheckpoint.Load(Folder(name));
        var batch = new Batch(Expected(name).At("cases", "plain"), model.Device);
        var optimizer = new SgdConfig().Build(model.Parameters);
        foreach (var expected in Expected(name).At("sgd", "loss_before_step").Doubles())
        {
            using var tape = Tape.Start();
            var loss = batch.Loss(model);
            Assert.Equal(expected, loss.ToScalar(), 5e-5);
            optimizer.Step(tape.Backward(loss), Expected(name).At("sgd", "lr").GetDouble());
        }
    }

    [Theory, MemberData(nameof(Names))]
    public void A_saved_folder_has_the_originals_names_shapes_bits_and_fields(string name)
    {
        var model = EncoderCheckpoint.Load(Folder(name));
        EncoderCheckpoint.Save(_folder.Path, model);
        using var original = SafetensorsFile.Open(Path.Combine(Folder(name), "model.safetensors"));
        using var saved = SafetensorsFile.Open(_folder["model.safetensors"]);
        // A pooler that the task does not use is left out.
        var kept = original.Tensors.Where(tensor => !tensor.Name.Contains("pooler", StringComparison.Ordinal) || saved.Contains(tensor.Name)).ToArray();
        Assert.Equal(kept.Select(t => $"{t.Name} {t.Type}{t.Shape}").Order(), saved.Tensors.Select(t => $"{t.Name} {t.Type}{t.Shape}").Order());
        foreach (var tensor in kept) Assert.Equal(original.ReadTensor(tensor.Name).ToArray<float>(), saved.ReadTensor(tensor.Name).ToArray<float>());
        var again = EncoderCheckpoint.Load(_folder.Path, Device.Reference);
        Assert.Equal(model.Config, again.Config);
        Assert.Equal(model.GetType(), again.GetType());

        var (first, second) = (JsonNode.Parse(File.ReadAllText(Path.Combine(Folder(name), "config.json")))!.AsObject(), JsonNode.Parse(File.ReadAllText(_folder["config.json"]))!.AsObject());
        foreach (var (field, value) in first)
        {
            // What the library adds of its own, and what has no bearing here.
            if (field is "transformers_version" or "bos_token_id" or "eos_token_id" or "use_cache" || field.StartsWith("summary_", StringComparison.Ordinal) || !second.ContainsKey(field)) continue;
            Assert.True(JsonNode.DeepEquals(value, second[field]), $"{field} is {second[field]}, in the original {value}.");
        }
    }

    [Fact]
    public void What_is_not_done_here_is_refused_with_its_field()
    {
        Refused("bert", "position_embedding_type", "relative_key", "position_embedding_type");
        Refused("bert", "is_decoder", true, "is_decoder");
        Refused("bert", "hidden_act", "gelu_magic", "hidden_act");
        Refused("bert", "num_attention_heads", 5, "num_attention_heads");
        Refused("bert", "hidden_dropout_prob", 1.5, "hidden_dropout_prob");
        Refused("bert", "vocab_size", 101, "word_embeddings");
        Refused("bert", "num_hidden_layers", 3, "layer.2");
        Refused("bert", "num_hidden_layers", 1, "layer.1");
        Refused("bert", "architectures", new JsonArray("BertForMultipleChoice"), "BertForMultipleChoice");
        Refused("bert_classes", "problem_type", "regression", "problem_type");
        Refused("distilbert", "sinusoidal_pos_embds", true, "sinusoidal_pos_embds");
        Refused("albert", "num_hidden_groups", 9, "group_count");
    }

    [Fact]
    public void An_encoder_takes_a_new_head_and_keeps_its_own_weights()
    {
        var model = EncoderCheckpoint.LoadUnder(Folder("bert"), (config, weights) => new SequenceClassifier(config, ["a", "b", "c"], weights), seed: 3);
        var original = EncoderCheckpoint.Load(Folder("bert"));
        foreach (var weight in original.Encoder.Parameters) Assert.Equal(weight.Value.ToArray<float>(), model.Parameters.Single(p => p.Name == weight.Name).Value.ToArray<float>());
        Assert.Equal(Shape.Create([3, 32]), model.Parameters.Single(p => p.Name == "classifier.weight").Shape);
        EncoderCheckpoint.Save(_folder.Path, model);
        Assert.Equal(["a", "b", "c"], Assert.IsType<SequenceClassifier>(EncoderCheckpoint.Load(_folder.Path)).Labels);
        // Nothing of the encoder may be missing.
        SafetensorsWriter.Write(_folder["model.safetensors"], model.Parameters.Skip(1).Select(weight => (weight.Name, weight.Value)));
        Assert.Contains("word_embeddings", Assert.Throws<CheckpointException>(() => EncoderCheckpoint.LoadUnder(_folder.Path, (config, weights) => new SpanExtractor(config, weights), 1)).Message);
    }

    [Fact]
    public void A_text_beyond_the_learned_positions_is_a_clear_error()
    {
        var model = (MaskedLanguageModel)EncoderCheckpoint.Load(Folder("roberta"));
        Assert.Equal(38, model.Encoder.ContextLength);
        int[] fits = [.. Enumerable.Repeat(7, 38)], beyond = [.. Enumerable.Repeat(7, 39)];
        model.Logits(Tensor.From(fits, [38]), null, new(SequenceLayout.Packed(38)));
        Assert.Contains("38 tokens", Assert.Throws<ArgumentException>(() => model.Logits(Tensor.From(beyond, [39]), null, new(SequenceLayout.Packed(39)))).Message);
    }

    private void Refused(string name, string field, JsonNode value, string expected)
    {
        foreach (var file in (string[])["config.json", "model.safetensors"]) File.Copy(Path.Combine(Folder(name), file), _folder[file], overwrite: true);
        var config = JsonNode.Parse(File.ReadAllText(_folder["config.json"]))!.AsObject();
        config[field] = value;
        File.WriteAllText(_folder["config.json"], config.ToJsonString());
        var message = Assert.Throws<CheckpointException>(() => EncoderCheckpoint.Load(_folder.Path)).Message;
        Assert.Contains(expected, message);
        Assert.Contains(_folder.Path, message);
    }

    private static string Folder(string name) => Path.Combine("Fixtures/models", name);

    private static JsonElement Expected(string name) => Golden.Load($"models/{name}/golden.json");

    /// <summary>A batch of the original, without its padding.</summary>
    private sealed class Batch
    {
        private readonly JsonElement _golden;
        private readonly int[][] _mask;
        private readonly Tensor _tokens;
        private readonly Tensor? _types;
        private readonly Pass _pass;

        public Batch(JsonElement golden, Device device)
        {
            _golden = golden;
            _mask = golden.At("inputs", "attention_mask").Rows();
            _tokens = Ids(Packed(golden.At("inputs", "input_ids").Rows()), device);
            _types = golden.At("inputs").TryGetProperty("token_type_ids", out var types) ? Ids(Packed(types.Rows()), device) : null;
            _pass = new(SequenceLayout.Packed([.. _mask.Select(row => row.Sum())]));
        }

        public IEnumerable<(string Name, float[] Values)> Logits(EncoderTask model)
        {
            switch (model)
            {
                case MaskedLanguageModel masked: return [("logits", masked.Logits(_tokens, _types, _pass).ToArray<float>())];
                case PairPretraining pairs:
                    var (tokens, belong) = pairs.Logits(_tokens, _types, _pass);
                    return [("logits", tokens.ToArray<float>()), ("pair_logits", belong.ToArray<float>())];
                case SequenceClassifier texts: return [("logits", texts.Logits(_tokens, _types, _pass).ToArray<float>())];
                case TokenClassifier labels: return [("logits", labels.Logits(_tokens, _types, _pass).ToArray<float>())];
                case ReplacedTokenDetector detector: return [("logits", detector.Logits(_tokens, _types, _pass).ToArray<float>())];
                case SpanExtractor answers:
                    var logits = answers.Logits(_tokens, _types, _pass);
                    return [("start_logits", logits.Select(1, 0).ToArray<float>()), ("end_logits", logits.Select(1, 1).ToArray<float>())];
                default: throw new InvalidOperationException(model.GetType().Name);
            }
        }

        public Tensor Loss(EncoderTask model) => model switch
        {
            MaskedLanguageModel masked => masked.Loss(_tokens, _types, Labels(), _pass),
            PairPretraining pairs => pairs.Loss(_tokens, _types, Labels(), Ids(_golden.At("other_labels", "next_sentence_label").Ints(), model.Device), _pass),
            SequenceClassifier texts => texts.Loss(_tokens, _types, Ids(_golden.At("labels").Ints(), model.Device), _pass),
            TokenClassifier labels => labels.Loss(_tokens, _types, Labels(), _pass),
            ReplacedTokenDetector detector => detector.Loss(_tokens, _types, Labels().ToArray<int>(), _pass),
            SpanExtractor answers => answers.Loss(_tokens, _types, _golden.At("other_labels", "start_positions").Ints(), _golden.At("other_labels", "end_positions").Ints(), _pass),
            _ => throw new InvalidOperationException(model.GetType().Name),
        };

        /// <summary>The original's loss. Its answers may lie in the padding, which has a share of the softmax there: what remains is computed from its logits.</summary>
        public double ExpectedLoss()
        {
            if (!_golden.At("outputs").TryGetProperty("start_logits", out _)) return _golden.At("loss").GetDouble();
            return (Pointing("start_logits", "start_positions") + Pointing("end_logits", "end_positions")) / 2;

            double Pointing(string output, string label)
            {
                var (values, right, width) = (_golden.At("outputs", output).Doubles(), _golden.At("other_labels", label).Ints(), _mask[0].Length);
                return _mask.Index().Average(row => Math.Log(row.Item.Index().Where(cell => cell.Item == 1).Sum(cell => Math.Exp(values[row.Index * width + cell.Index]))) - values[row.Index * width + right[row.Index]]);
            }
        }

        public double[] Output(string name)
        {
            var (values, shape) = (_golden.At("outputs", name).Doubles(), _golden.At("outputs", name).Shape());
            // One row for each text, or for each token.
            if (name == "pair_logits" || shape.Rank == 2 && shape[1] != _mask[0].Length) return values;
            int[] mask = [.. _mask.SelectMany(row => row)];
            var width = values.Length / mask.Length;
            return [.. values.Where((_, i) => mask[i / width] == 1)];
        }

        private Tensor Labels() => Ids(Packed([.. _golden.At("labels").EnumerateArray().Select(row => row.EnumerateArray().Select(x => (int)x.GetDouble()).ToArray())]), _tokens.Device);

        private int[] Packed(int[][] rows) => [.. rows.Index().SelectMany(row => row.Item.Where((_, i) => _mask[row.Index][i] == 1))];

        private static Tensor Ids(int[] ids, Device device) => Tensor.From(ids, [ids.Length], device);
    }
}
