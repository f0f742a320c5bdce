using System.Text.Json.Nodes;
using Stemma.Layers;
using Stemma.Models;
using Stemma.Models.Gpt2;
using Stemma.Numerics;
using Stemma.Numerics.Formats;
using Xunit;

namespace Stemma.Tests.Models.Gpt2;

public sealed class Gpt2CheckpointTests : IDisposable
{
    private const string Original = Gpt2GoldenTests.Folder;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_saved_folder_has_the_originals_names_shapes_and_bits()
    {
        var model = Gpt2Checkpoint.Load(Original);
        Gpt2Checkpoint.Save(_folder.Path, model, 0);
        using var original = SafetensorsFile.Open(Path.Combine(Original, "model.safetensors"));
        using var saved = SafetensorsFile.Open(_folder["model.safetensors"]);
        Assert.Equal(original.Tensors.Select(t => $"{t.Name} {t.Type}{t.Shape}").Order(), saved.Tensors.Select(t => $"{t.Name} {t.Type}{t.Shape}").Order());
        foreach (var tensor in original.Tensors) Assert.Equal(original.ReadTensor(tensor.Name).ToArray<float>(), saved.ReadTensor(tensor.Name).ToArray<float>());
        Assert.Equal("pt", saved.Metadata["format"]);

        var again = Gpt2Checkpoint.Load(_folder.Path, Device.Reference);
        Assert.Equal(model.Config, again.Config);
        foreach (var (a, b) in model.Parameters.Zip(again.Parameters)) Assert.Equal(a.Value.ToArray<float>(), b.Value.ToArray<float>());
        Assert.Equal(["config.json", "generation_config.json", "model.safetensors"], Directory.GetFiles(_folder.Path).Select(Path.GetFileName).Order());
    }

    [Fact]
    public void The_saved_configuration_agrees_with_the_originals()
    {
        Gpt2Checkpoint.Save(_folder.Path, Gpt2Checkpoint.Load(Original), 0);
        foreach (var file in (string[])["config.json", "generation_config.json"])
        {
            var original = JsonNode.Parse(File.ReadAllText(Path.Combine(Original, file)))!.AsObject();
            var saved = JsonNode.Parse(File.ReadAllText(_folder[file]))!.AsObject();
            foreach (var (name, value) in original)
            {
                // What a classifier on top would do, and who wrote the file.
                if (name.StartsWith("summary_", StringComparison.Ordinal) || name == "transformers_version") continue;
                Assert.True(JsonNode.DeepEquals(value, saved[name]), $"{file}: {name} is {saved[name]}, in the original {value}.");
            }
        }
    }

    [Fact]
    public void The_default_feed_forward_size_stays_null_and_ids_may_be_absent()
    {
        var config = new Gpt2Config { VocabSize = 7, ContextLength = 5, LayerCount = 1, HeadCount = 1, HiddenSize = 4, Dropout = 0.25 };
        ModelFolder.Save(_folder["made/here"], config.Build(new Weights(new InitialWeights(1), Device.Cpu)));
        var saved = JsonNode.Parse(File.ReadAllText(_folder["made/here/config.json"]))!.AsObject();
        Assert.True(saved.ContainsKey("n_inner") && saved["n_inner"] is null);
        Assert.True(saved.ContainsKey("eos_token_id") && saved["eos_token_id"] is null);
        Assert.Equal(config, ModelFolder.Load(_folder["made/here"], Device.Cpu).Config);
    }

    [Fact]
    public void Names_without_the_prefix_and_known_extras_are_read()
    {
        Copy();
        Rewrite(tensors => [.. tensors.Select(t => (t.Name["transformer.".Length..], t.Value)), ("h.0.attn.bias", Tensor.Zeros([1, 1, 64, 64])), ("lm_head.weight", tensors["transformer.wte.weight"])]);
        var (expected, read) = (Gpt2Checkpoint.Load(Original), Gpt2Checkpoint.Load(_folder.Path));
        foreach (var (a, b) in expected.Parameters.Zip(read.Parameters)) Assert.Equal(a.Value.ToArray<float>(), b.Value.ToArray<float>());
    }

    [Fact]
    public void Extra_configuration_fields_are_let_pass_and_absent_ones_have_the_librarys_defaults()
    {
        Copy();
        Configure("summary_type", "x");
        Configure("something_new", new JsonObject { ["a"] = 1 });
        foreach (var field in (string[])["attn_pdrop", "resid_pdrop", "embd_pdrop", "layer_norm_epsilon", "initializer_range", "activation_function"]) Configure(field, null, remove: true);
        var config = (Gpt2Config)Gpt2Checkpoint.Load(_folder.Path).Config;
        Assert.Equal((0.1, 1e-5, 0.02), (config.Dropout, config.NormEpsilon, config.InitializerRange));
    }

    [Theory]
    [InlineData("model_type", "\"bert\"", "model_type is bert, not gpt2")]
    [InlineData("model_type", null, "lacks the field model_type")]
    [InlineData("n_embd", null, "lacks the field n_embd")]
    [InlineData("n_layer", null, "lacks the field n_layer")]
    [InlineData("n_head", null, "lacks the field n_head")]
    [InlineData("n_positions", null, "lacks the field n_positions")]
    [InlineData("vocab_size", null, "lacks the field vocab_size")]
    [InlineData("vocab_size", "-3", "vocab_size is -3; it must be positive")]
    [InlineData("n_head", "5", "n_embd is 32; it must be a multiple of n_head, 5")]
    [InlineData("n_embd", "\"x\"", "the field n_embd does not hold what belongs there")]
    [InlineData("n_embd", "99999999999", "the field n_embd does not hold what belongs there")]
    [InlineData("n_ctx", "32", "n_ctx is 32; it must be n_positions, 64")]
    [InlineData("n_inner", "0", "n_inner is 0")]
    [InlineData("activation_function", "\"relu\"", "activation_function is relu; it must be gelu_new or gelu_pytorch_tanh")]
    [InlineData("scale_attn_by_inverse_layer_idx", "true", "scale_attn_by_inverse_layer_idx is true; it must be false")]
    [InlineData("scale_attn_weights", "false", "scale_attn_weights is false")]
    [InlineData("add_cross_attention", "true", "add_cross_attention is true")]
    [InlineData("tie_word_embeddings", "false", "tie_word_embeddings is false")]
    [InlineData("attn_pdrop", "0.5", "attn_pdrop is 0.5; it must be resid_pdrop, 0")]
    [InlineData("layer_norm_epsilon", "0", "layer_norm_epsilon is 0")]
    [InlineData("vocab_size", "97", "tensor transformer.wte.weight has shape [96, 32]; config.json asks for [97, 32]")]
    [InlineData("n_inner", "64", "tensor transformer.h.0.mlp.c_fc.weight has shape [32, 96]; config.json asks for [32, 64]")]
    [InlineData("n_inner", "2147483647", "config.json asks for [32, 2147483647]")]
    [InlineData("n_layer", "3", "lacks the tensor transformer.h.2.ln_1.weight, of shape [32]")]
    [InlineData("n_layer", "1", "holds the tensor transformer.h.1.attn.c_attn.bias of shape [96] and 11 more")]
    [InlineData("n_layer", "2147483647", "too few for the 2147483647 blocks")]
    [InlineData("n_embd", "2147483644", "config.json asks for [96, 2147483644]")]
    public void A_configuration_that_does_not_fit_is_refused_in_one_sentence(string field, string? json, string expected)
    {
        Copy();
        Configure(field, json is null ? null : JsonNode.Parse(json), remove: json is null);
        Refused(expected);
    }

    [Fact]
    public void Tensors_that_do_not_fit_are_named_with_both_shapes()
    {
        Copy();
        Rewrite(tensors => [.. tensors.Where(t => t.Name != "transformer.h.1.ln_2.bias")]);
        Refused("lacks the tensor transformer.h.1.ln_2.bias, of shape [32]");
        Copy();
        Rewrite(tensors => [.. tensors, ("transformer.h.0.extra", Tensor.Zeros([2, 3]))]);
        Refused("holds the tensor transformer.h.0.extra of shape [2, 3], which the model of config.json does not have");
        Copy();
        Rewrite(tensors => [.. tensors.Select(t => (t.Name, t.Name == "transformer.ln_f.bias" ? Tensor.Zeros([31]) : t.Value))]);
        Refused("tensor transformer.ln_f.bias has shape [31]; config.json asks for [32]");
        Copy();
        Rewrite(tensors => [.. tensors.Select(t => (t.Name, t.Name == "transformer.ln_f.bias" ? Tensor.Zeros([32], DType.Int32) : t.Value))]);
        Refused("tensor transformer.ln_f.bias holds I32");
        Copy();
        Rewrite(tensors => [.. tensors, ("lm_head.weight", Tensor.Zeros([96, 32]))]);
        Refused("tensor lm_head.weight is not transformer.wte.weight");
    }

    [Fact]
    public void Files_that_are_missing_or_broken_are_named()
    {
        Refused("config.json does not exist");
        Copy();
        File.Delete(_folder["model.safetensors"]);
        Refused("model.safetensors does not exist");
        File.WriteAllText(_folder["pytorch_model.bin"], "");
        Refused("pytorch_model.bin");
        File.WriteAllText(_folder["model.safetensors.index.json"], "{}");
        Refused("lacks the field weight_map");
        Copy();
        File.WriteAllBytes(_folder["model.safetensors"], File.ReadAllBytes(_folder["model.safetensors"])[..^1]);
        Refused("cut short");
        File.WriteAllText(_folder["config.json"], "{\"n_embd\":");
        Refused("is not a JSON object");
        File.WriteAllText(_folder["config.json"], "[]");
        Refused("config.json");
        Assert.Contains("There is no folder", Assert.Throws<CheckpointException>(() => ModelFolder.Load(_folder["none"], Device.Cpu)).Message);
    }

    [Fact]
    public void Weights_read_into_a_model_replace_all_or_none()
    {
        var model = (Gpt2Model)Gpt2Checkpoint.Load(Original).Config.Build(new Weights(new InitialWeights(3), Device.Cpu));
        var before = model.Parameters.Select(p => p.Value.ToArray<float>()).ToArray();
        Copy();
        Rewrite(tensors => [.. tensors.Where(t => t.Name != "transformer.ln_f.bias")]);
        Assert.Throws<CheckpointException>(() => ModelFolder.ReadWeights(_folder.Path, model));
        Assert.Equal(before, model.Parameters.Select(p => p.Value.ToArray<float>()));
        ModelFolder.ReadWeights(Original, model);
        Assert.Equal(Gpt2Checkpoint.Load(Original).Parameters.Select(p => p.Value.ToArray<float>()), model.Parameters.Select(p => p.Value.ToArray<float>()));
    }

    private void Refused(string expected)
    {
        var message = Assert.Throws<CheckpointException>(() => Gpt2Checkpoint.Load(_folder.Path)).Message;
        Assert.Contains(expected, message);
        Assert.Contains(_folder.Path, message);
        Assert.DoesNotContain('\n', message);
    }

    private void Copy()
    {
        foreach (var file in (string[])["config.json", "model.safetensors"]) File.Copy(Path.Combine(Original, file), _folder[file], overwrite: true);
    }

    private void Configure(string field, JsonNode? value, bool remove = false)
    {
        var config = JsonNode.Parse(File.ReadAllText(_folder["config.json"]))!.AsObject();
        if (remove) config.Remove(field);
        else config[field] = value;
        File.WriteAllText(_folder["config.json"], config.ToJsonString());
    }

    private void Rewrite(Func<Named, IEnumerable<(string, Tensor)>> change)
    {
        var tensors = new Named();
        using (var file = SafetensorsFile.Open(_folder["model.safetensors"]))
            tensors.AddRange(file.Tensors.Select(t => (t.Name, file.ReadTensor(t.Name))));
        SafetensorsWriter.Write(_folder["model.safetensors"], change(tensors));
    }

    private sealed class Named : List<(string Name, Tensor Value)>
    {
        public Tensor this[string name] => this.Single(t => t.Name == name).Value;
    }
}
