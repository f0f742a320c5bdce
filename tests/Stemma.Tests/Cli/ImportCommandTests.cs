using System.Text.Json.Nodes;
using Stemma.Layers;
using Stemma.Models;
using Stemma.Numerics;
using Stemma.Tests.Models.Decoder;
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
