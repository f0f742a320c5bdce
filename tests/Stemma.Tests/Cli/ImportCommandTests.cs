using System.Text.Json.Nodes;
using Stemma.Generation;
using Stemma.Layers;
using Stemma.Models;
using Stemma.Numerics;
using Stemma.Numerics.Formats;
using Stemma.Tests.Models.Decoder;
using Stemma.Text.Tokenizers.Characters;
using Xunit;

namespace Stemma.Tests.Cli;

/// <summary>Models from other libraries and for them, by command.</summary>
public sealed class ImportCommandTests
{
    [Fact]
    public async Task A_folder_without_a_tokenizer_takes_token_ids_and_says_so()
    {
        using var folder = new TemporaryFolder();
        var run = await CommandLineRun.Of("import", "Fixtures/models/qwen2", "--out", folder["model"]);
        Assert.Equal(0, run.Code);
        Assert.Contains("It takes token ids", run.Output + run.Error, StringComparison.Ordinal);
        var golden = DecoderGoldenTests.Expected("qwen2").At("greedy")[0];
        var prompt = string.Join(' ', golden.At("prompt").Ints());
        var generated = await CommandLineRun.Of("generate", folder["model"], "--tokens", prompt, "--temperature", "0", "--max-tokens", "6");
        Assert.Equal(string.Join(' ', golden.At("new_tokens").Ints()), generated.Output.Trim());
        var json = JsonNode.Parse((await CommandLineRun.Of("generate", folder["model"], "--tokens", prompt, "--temperature", "0", "--max-tokens", "6", "--json")).Output)!;
        Assert.Equal(golden.At("new_tokens").Ints(), json["tokens"]!.AsArray().Select(id => (int)id!));
        Assert.Equal(2, (await CommandLineRun.Of("import", "Fixtures/models/qwen2", "--out", folder["model"])).Code);
    }

    [Fact]
    public async Task A_run_of_ours_is_exported_and_one_that_no_library_has_is_not()
    {
        using var folder = new TemporaryFolder();
        await SmallRun.Train(folder);
        var run = await CommandLineRun.Of("export", folder["run"], "--out", folder["out"], "--json");
        Assert.Equal(0, run.Code);
        Assert.Equal("gpt2", (string)JsonNode.Parse(run.Output)!["model_type"]!);
        Assert.Equal(["config.json", "generation_config.json", "model.safetensors", "tokenizer.json"], Directory.GetFiles(folder["out"]).Select(Path.GetFileName).Order());
        var own = new Stemma.Models.Recurrent.RnnConfig { VocabSize = 10, HiddenSize = 4 }.Build(new Weights(new InitialWeights(1), Device.Cpu));
        ModelFolder.Save(folder["rnn"], own);
        var refused = await CommandLineRun.Of("export", folder["rnn"], "--out", folder["other"]);
        Assert.Equal(2, refused.Code);
        Assert.Contains("no other library has", refused.Error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(folder["other"]));
    }

    [Theory]
    [InlineData("bert_classes", "BertForSequenceClassification", "an encoder")]
    [InlineData("electra", "ElectraForPreTraining", "an encoder")]
    [InlineData("t5_v1_0_relu", "t5 encoder–decoder", "answers a text")]
    [InlineData("bart", "bart encoder–decoder", "answers a text")]
    public async Task Encoders_and_encoder_decoders_are_imported_and_exported_with_their_bits(string name, string kind, string why)
    {
        using var folder = new TemporaryFolder();
        Assert.Contains(kind, (await CommandLineRun.Of("import", $"Fixtures/models/{name}", "--out", folder["in"])).Output, StringComparison.Ordinal);
        Assert.Equal(0, (await CommandLineRun.Of("export", folder["in"], "--out", folder["out"])).Code);
        using var original = SafetensorsFile.Open($"Fixtures/models/{name}/model.safetensors");
        using var written = SafetensorsFile.Open(folder["out/model.safetensors"]);
        foreach (var tensor in written.Tensors) Assert.Equal(original.ReadTensor(tensor.Name).ToArray<float>(), written.ReadTensor(tensor.Name).ToArray<float>());
        var generated = await CommandLineRun.Of("generate", folder["out"], "--tokens", "1 2");
        Assert.Equal(1, generated.Code);
        Assert.Contains(why, generated.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_t5_with_its_tokenizer_answers_lines()
    {
        using var folder = new TemporaryFolder();
        foreach (var file in (string[])["config.json", "model.safetensors"]) File.Copy($"Fixtures/models/t5/{file}", folder[file]);
        var refused = await CommandLineRun.Of("translate", "run", folder.Path, "--text", "ab");
        Assert.Equal(1, refused.Code);
        Assert.Contains("takes token ids", refused.Error, StringComparison.Ordinal);

        var tokenizer = new CharacterTrainer().Train(["a bcdefgh ijklmnop"]);
        tokenizer.Save(folder["tokenizer.json"]);
        var run = await CommandLineRun.Of("translate", "run", folder.Path, "--text", "abba", "--beam", "3", "--max-tokens", "5", "--json");
        Assert.Equal("", run.Code == 0 ? "" : run.Error);
        // As T5 has it: the source ends in 1, the decoder begins with 0.
        var model = Stemma.Models.Checkpoints.EncoderDecoderCheckpoint.Load(folder.Path);
        var best = new BeamSearch { Width = 3, MaxTokens = 5 }.Search(model.Given((int[])[.. tokenizer.Encode("abba"), 1]), new[] { 0 }, 1, tokenizer.VocabSize)[0];
        Assert.Equal(best.LogProbability, (double)JsonNode.Parse(run.Output)!["log_probability"]!, 1e-4);
    }

    [Fact]
    public async Task What_the_makers_say_of_generating_stands_where_nothing_was_given()
    {
        using var folder = new TemporaryFolder();
        foreach (var file in (string[])["config.json", "model.safetensors"]) File.Copy($"Fixtures/models/qwen2/{file}", folder[file]);
        var golden = DecoderGoldenTests.Expected("qwen2").At("greedy")[0];
        string[] generate = ["generate", folder["model"], "--tokens", string.Join(' ', golden.At("prompt").Ints())];
        File.WriteAllText(folder["generation_config.json"], """{"do_sample": false, "max_new_tokens": 6, "eos_token_id": [7, 9], "repetition_penalty": 1.1, "num_beams": 1}""");
        Assert.Equal(0, (await CommandLineRun.Of("import", folder.Path, "--out", folder["model"])).Code);
        var greedy = await CommandLineRun.Of(generate);
        Assert.Equal(string.Join(' ', golden.At("new_tokens").Ints()), greedy.Output.Trim());
        Assert.Contains("asks for repetition_penalty; that is not done here", greedy.Error, StringComparison.Ordinal);
        Assert.Equal(3, (await CommandLineRun.Of([.. generate, "--max-tokens", "3"])).Output.Trim().Split(' ').Length);

        File.WriteAllText(folder["generation_config.json"], """{"do_sample": true, "temperature": 0.6, "top_p": 0.9}""");
        var options = GenerationOptions.Of(folder.Path).Options;
        Assert.Equal((0.6, 50, 0.9), (options.Temperature, options.TopK, options.TopP));
        File.WriteAllText(folder["generation_config.json"], """{"do_sample": true, "top_p": 1.5}""");
        Assert.Equal(1, (await CommandLineRun.Of("import", folder.Path, "--out", folder["none"])).Code);
        Assert.False(Directory.Exists(folder["none"]));
    }

    [Theory]
    [InlineData("1 x", "\"x\"")]
    [InlineData("40", "from 0 to 39")]
    [InlineData(" ", "is empty")]
    public async Task Wrong_token_ids_are_named(string tokens, string said)
    {
        var run = await CommandLineRun.Of("generate", "Fixtures/models/qwen2", "--tokens", tokens);
        Assert.Equal(2, run.Code);
        Assert.Contains(said, run.Error, StringComparison.Ordinal);
    }
}
