using System.Text.Json.Nodes;
using Stemma.Models;
using Stemma.Numerics;
using Stemma.Numerics.Formats;
using Xunit;

namespace Stemma.Tests.Models.Decoder;

/// <summary>Folders that are wrong: each one clear error, and nothing is loaded.</summary>
public sealed class DecoderFolderTests
{
    [Theory]
    [InlineData("llama", "num_key_value_heads", "3", "kv_head_count")]
    [InlineData("llama", "num_attention_heads", "0", "num_attention_heads is 0")]
    [InlineData("llama", "head_dim", "7", "rotary positions turn pairs")]
    [InlineData("llama", "hidden_act", "\"tanh\"", "hidden_act is \"tanh\"")]
    [InlineData("llama", "hidden_size", "null", "lacks the field hidden_size")]
    [InlineData("llama", "vocab_size", "\"many\"", "vocab_size is \"many\"; it must be a whole number")]
    [InlineData("llama", "rope_scaling", "{\"rope_type\":\"spiral\"}", "rope_type is \"spiral\"")]
    [InlineData("llama", "rope_scaling", "{\"rope_type\":\"linear\",\"factor\":0.5}", "factor is 0.5")]
    [InlineData("llama", "num_hidden_layers", "1000000", "too few for the 1000000 blocks")]
    [InlineData("llama", "intermediate_size", "41", "has shape [40, 32]; config.json asks for [41, 32]")]
    [InlineData("mistral", "sliding_window", "0", "sliding_window is 0")]
    [InlineData("mixtral", "num_experts_per_tok", "5", "num_experts_per_tok is 5")]
    [InlineData("mixtral", "router_jitter_noise", "0.1", "router_jitter_noise is 0.1")]
    [InlineData("phi", "qk_layernorm", "true", "lacks the tensor model.layers.0.self_attn.q_layernorm")]
    [InlineData("gpt_neox", "rotary_pct", "0.1", "Of a head's 8 channels 0 would turn")]
    [InlineData("gptj", "rotary_dim", "3", "3 would turn")]
    [InlineData("gpt_neo", "attention_types", "[[[\"global\"],3]]", "attention_types")]
    [InlineData("mpt", "expansion_ratio", "2", "expansion_ratio is 2")]
    [InlineData("mpt", "attn_config", "{\"alibi_bias_max\":0}", "alibi_bias_max is 0")]
    [InlineData("falcon_grouped", "parallel_attn", "false", "parallel_attn is false")]
    [InlineData("llama", "tie_word_embeddings", "true", "tensor lm_head.weight is not model.embed_tokens.weight")]
    public void A_wrong_field_is_named(string model, string field, string value, string said)
    {
        using var folder = Copy(model);
        var path = Path.Combine(folder.Path, "config.json");
        var config = (JsonObject)JsonNode.Parse(File.ReadAllText(path))!;
        config[field] = JsonNode.Parse(value);
        File.WriteAllText(path, config.ToJsonString());
        Assert.Contains(said, Assert.Throws<CheckpointException>(() => ModelFolder.Load(folder.Path, Device.Cpu)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_unknown_family_lists_the_known_ones()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(Path.Combine(folder.Path, "config.json"), "{\"model_type\":\"rwkv\"}");
        Assert.Contains("known are gpt2, llama, mistral", Assert.Throws<CheckpointException>(() => ModelFolder.Load(folder.Path, Device.Cpu)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_weight_that_is_no_number_is_named()
    {
        using var folder = Copy("llama");
        Rewrite(folder.Path, (name, values) =>
        {
            if (name == "model.norm.weight") values[3] = float.NaN;
        });
        Assert.Contains("model.norm.weight", Assert.Throws<CheckpointException>(() => ModelFolder.Load(folder.Path, Device.Cpu)).Message, StringComparison.Ordinal);
    }

    /// <summary>With the norms of queries and keys their projections' scale has no say, and the norms' own has.</summary>
    [Fact]
    public void Phi_norms_queries_and_keys_per_head()
    {
        var (plain, larger, sharper) = (Logits(1, 1), Logits(3, 1), Logits(1, 3));
        Golden.Close([.. plain.Select(x => (double)x)], larger, 1e-3, "logits of larger projections");
        Assert.True(plain.Zip(sharper, (a, b) => Math.Abs(a - b)).Max() > 0.05);

        static float[] Logits(float projection, float norm)
        {
            using var folder = Copy("phi");
            var config = Path.Combine(folder.Path, "config.json");
            File.WriteAllText(config, File.ReadAllText(config).Replace("\"qk_layernorm\": false", "\"qk_layernorm\": true", StringComparison.Ordinal));
            Rewrite(folder.Path, (name, values) =>
            {
                if (name.Contains("q_proj", StringComparison.Ordinal) || name.Contains("k_proj", StringComparison.Ordinal)) foreach (ref var value in values.AsSpan()) value *= projection;
            }, added:
            [
                .. from layer in (int[])[0, 1]
                   from side in (string[])["q", "k"]
                   from part in (string[])["weight", "bias"]
                   select ($"model.layers.{layer}.self_attn.{side}_layernorm.{part}", Tensor.From([.. Enumerable.Range(1, 8).Select(i => part == "weight" ? norm * i / 8 : i / 16f)], [8])),
            ]);
            return DecoderGoldenTests.Logits(ModelFolder.Load(folder.Path, Device.Cpu), [13, 8, 5, 9, 26, 7]);
        }
    }

    [Fact]
    public void A_file_of_the_bare_model_loads_where_the_output_is_tied()
    {
        using var folder = Copy("qwen2_window");
        Rewrite(folder.Path, (_, _) => { }, name => name["model.".Length..]);
        Assert.Equal(DecoderGoldenTests.Logits(DecoderGoldenTests.Load("qwen2_window", "cpu"), [1, 2, 3]), DecoderGoldenTests.Logits(ModelFolder.Load(folder.Path, Device.Cpu), [1, 2, 3]));
    }

    [Fact]
    public void Shards_load_as_one_file()
    {
        using var folder = Copy("llama");
        Shard(folder.Path);
        Assert.Equal(DecoderGoldenTests.Logits(DecoderGoldenTests.Load("llama", "cpu"), [1, 2, 3]), DecoderGoldenTests.Logits(ModelFolder.Load(folder.Path, Device.Cpu), [1, 2, 3]));
    }

    [Theory]
    [InlineData("../part-1.safetensors", "no other is opened")]
    [InlineData("/etc/passwd", "no other is opened")]
    [InlineData("part-1.safetensors", "which it does not")]
    [InlineData("part-9.safetensors", "does not exist")]
    public void A_shard_elsewhere_is_refused(string place, string said)
    {
        using var folder = Copy("llama");
        Shard(folder.Path);
        var path = Path.Combine(folder.Path, "model.safetensors.index.json");
        var index = (JsonObject)JsonNode.Parse(File.ReadAllText(path))!;
        index["weight_map"]!["model.embed_tokens.weight"] = place;
        File.WriteAllText(path, index.ToJsonString());
        Assert.Contains(said, Assert.Throws<CheckpointException>(() => ModelFolder.Load(folder.Path, Device.Cpu)).Message, StringComparison.Ordinal);
    }

    private static TemporaryFolder Copy(string model)
    {
        var folder = new TemporaryFolder();
        foreach (var file in (string[])["config.json", "model.safetensors"]) File.Copy($"Fixtures/models/{model}/{file}", Path.Combine(folder.Path, file));
        return folder;
    }

    private static void Rewrite(string folder, Action<string, float[]> change, Func<string, string>? rename = null, (string, Tensor)[]? added = null)
    {
        var path = Path.Combine(folder, "model.safetensors");
        var tensors = new List<(string, Tensor)>();
        using (var file = SafetensorsFile.Open(path))
        {
            foreach (var tensor in file.Tensors)
            {
                var values = file.ReadTensor(tensor.Name).ToArray<float>();
                change(tensor.Name, values);
                tensors.Add((rename?.Invoke(tensor.Name) ?? tensor.Name, Tensor.From(values, tensor.Shape)));
            }
        }
        SafetensorsWriter.Write(path, [.. tensors, .. added ?? []]);
    }

    private static void Shard(string folder)
    {
        var path = Path.Combine(folder, "model.safetensors");
        var map = new JsonObject();
        using (var file = SafetensorsFile.Open(path))
        {
            foreach (var (number, part) in file.Tensors.Index().GroupBy(tensor => 1 + tensor.Index % 2).Select(group => (group.Key, group)))
            {
                SafetensorsWriter.Write(Path.Combine(folder, $"part-{number}.safetensors"), part.Select(tensor => (tensor.Item.Name, file.ReadTensor(tensor.Item.Name))));
                foreach (var (_, tensor) in part) map[tensor.Name] = $"part-{number}.safetensors";
            }
        }
        File.Delete(path);
        File.WriteAllText(path + ".index.json", new JsonObject { ["metadata"] = new JsonObject(), ["weight_map"] = map }.ToJsonString());
    }
}
