using System.Text.Json.Nodes;
using Xunit;

namespace Stemma.Tests.Cli;

public sealed class VerbTests
{
    [Fact]
    public async Task Without_arguments_it_lists_its_verbs()
    {
        var run = await CommandLineRun.Of();
        Assert.Equal(0, run.Code);
        Assert.Contains("stemma [command] [options]", run.Output, StringComparison.Ordinal);
        foreach (var verb in (string[])["train", "eval", "generate", "ngram", "lineage", "ablate", "score", "reproduce", "tokenize", "info", "doctor"]) Assert.Contains($"  {verb} ", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Eval_measures_the_held_out_text_and_others()
    {
        using var folder = new TemporaryFolder();
        var trained = await SmallRun.Train(folder);
        var own = await CommandLineRun.Of("eval", folder["run"], "--json");
        var record = JsonNode.Parse(own.Output)!;
        Assert.Equal(["loss_nats_per_token", "perplexity", "bits_per_byte", "tokens", "bytes"], record.AsObject().Select(field => field.Key));
        Assert.Contains($"Best validation: {(double)record["bits_per_byte"]!:0.000} bits/byte", trained.Output, StringComparison.Ordinal);
        var other = await CommandLineRun.WithInput("the river runs under old bridges", "eval", folder["run"], "--data", "-", "--stride", "4");
        Assert.Equal(0, other.Code);
        Assert.Contains("standard input: 31 tokens, 31 bytes", other.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Generate_repeats_itself_with_the_same_seed()
    {
        using var folder = new TemporaryFolder();
        await SmallRun.Train(folder);
        string[] args = ["generate", folder["run"], "--prompt", "the ", "--max-tokens", "20", "--temperature", "0.8", "--top-k", "10", "--seed", "1"];
        var first = await CommandLineRun.Of(args);
        Assert.Equal(0, first.Code);
        Assert.StartsWith("the ", first.Output, StringComparison.Ordinal);
        Assert.Equal(first.Output, (await CommandLineRun.Of(args)).Output);
        var json = JsonNode.Parse((await CommandLineRun.Of([.. args, "--json"])).Output)!;
        Assert.Equal(first.Output, $"{json["prompt"]}{json["text"]}{Environment.NewLine}");
        Assert.Equal(20, (int)json["tokens"]!);
    }

    [Fact]
    public async Task Tokens_come_back_as_the_text()
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(folder["text.txt"], SmallRun.Text);
        var trained = await CommandLineRun.Of("tokenize", "train", "--data", folder["text.txt"], "--vocab-size", "280", "--out", folder["t.json"], "--json");
        Assert.Equal(280, (int)JsonNode.Parse(trained.Output)!["vocab_size"]!);
        const string Text = "the river, wörld";
        var ids = await CommandLineRun.Of("tokenize", "encode", folder["t.json"], Text, "--ids");
        Assert.Equal(Text, (await CommandLineRun.WithInput(ids.Output, "tokenize", "decode", folder["t.json"])).Output);
        Assert.Equal(Text, (await CommandLineRun.Of(["tokenize", "decode", folder["t.json"], .. ids.Output.Trim().Split(' ')])).Output);
        var tokens = JsonNode.Parse((await CommandLineRun.WithInput(Text, "tokenize", "encode", folder["t.json"], "--json")).Output)!["tokens"]!.AsArray();
        Assert.Equal(ids.Output.Trim(), string.Join(' ', tokens.Select(token => (int)token!["id"]!)));
        Assert.Equal(Text.Length, (int)tokens[^1]!["end"]!);
        Assert.Equal(Text.Length + 1, (int)tokens[^1]!["byte_end"]!);
        var table = await CommandLineRun.Of("tokenize", "encode", folder["t.json"], Text);
        Assert.Contains("piece", table.Lines[0], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Info_knows_runs_tokenizers_and_weights()
    {
        using var folder = new TemporaryFolder();
        await SmallRun.Train(folder);
        var run = JsonNode.Parse((await CommandLineRun.Of("info", folder["run"], "--json")).Output)!;
        Assert.Equal(4, (int)run["steps_done"]!);
        var weights = JsonNode.Parse((await CommandLineRun.Of("info", folder["run/model.safetensors"], "--json")).Output)!;
        Assert.Equal((long)run["parameters"]!, (long)weights["parameters"]!);
        var tokenizer = JsonNode.Parse((await CommandLineRun.Of("info", folder["run/tokenizer.json"], "--json")).Output)!;
        Assert.Equal((string)run["tokenizer_hash"]!, (string)tokenizer["hash"]!);
        Assert.Contains("transformer.wte.weight", (await CommandLineRun.Of("info", folder["run"])).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Doctor_measures_this_machine()
    {
        var record = JsonNode.Parse((await CommandLineRun.Of("doctor", "--json", "--threads", "1")).Output)!;
        Assert.True((double)record["peak_flops_per_second"]! >= (double)record["matmul_flops_per_second"]! / 2);
        Assert.True((double)record["bfloat16_peak_flops_per_second"]! >= (double)record["bfloat16_matmul_flops_per_second"]!);
        Assert.True((double)record["read_bytes_per_second"]! > 1e8);
        Assert.Null(record["roofline"]);
        Assert.Contains((string)record["processor_level"]!, record["processor_levels"]!.AsArray().Select(level => (string)level!));
        var text = await CommandLineRun.Of("doctor", "--threads", "1");
        Assert.Contains("GFLOP/s", text.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Doctor_draws_the_roofline()
    {
        using var folder = new TemporaryFolder();
        Assert.Equal(2, (await CommandLineRun.Of("doctor", "--roofline", folder["roofline.png"])).Code);
        var record = JsonNode.Parse((await CommandLineRun.Of("doctor", "--json", "--threads", "2", "--roofline", folder["roofline.svg"])).Output)!;
        var operations = record["roofline"]!.AsArray();
        foreach (var name in (string[])["matmul", "attention", "attention gradient", "layer norm", "layer norm gradient", "gelutanh", "dropout + residual", "softmax", "cross-entropy", "adam"])
            Assert.Contains(operations, operation => (string)operation!["operation"]! == name);
        Assert.Contains(operations, operation => (string)operation!["precision"]! == "bfloat16");
        Assert.All(operations, operation => Assert.True((double)operation!["flops_per_second"]! > 1e6));
        // One token against a large vocabulary reads each weight for two operations; a projection of many rows uses each value hundreds of times.
        Assert.Equal(0.5, (double)operations.First(operation => (string)operation!["shape"]! == "1x50304x768 NT")!["flops_per_byte"]!, 0.01);
        Assert.True((double)operations.First(operation => (string)operation!["shape"]! == "16384x1152x384 NT")!["flops_per_byte"]! > 100);
        Assert.Contains("<svg", await File.ReadAllTextAsync(folder["roofline.svg"]), StringComparison.Ordinal);
    }
}
