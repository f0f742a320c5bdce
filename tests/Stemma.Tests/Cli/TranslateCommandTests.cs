using System.Text.Json;
using Stemma.Numerics;
using Xunit;

namespace Stemma.Tests.Cli;

/// <summary><c>stemma translate</c>: train, run, eval, and what they refuse.</summary>
public sealed class TranslateCommandTests
{
    [Fact]
    public async Task Pairs_are_learned_translated_and_scored()
    {
        using var folder = new TemporaryFolder();
        Write(folder);
        var train = await CommandLineRun.Of([.. Train(folder), "--json"]);
        Assert.Equal(0, train.Code);
        var first = JsonDocument.Parse(train.Lines[0]).RootElement;
        Assert.Equal(40, first.GetProperty("train_pairs").GetInt32());
        Assert.Equal(1 + first.GetProperty("steps").GetInt32() + 20 + 1, train.Lines.Length);

        var run = folder["run"];
        Assert.Equal(3, (await CommandLineRun.WithInput("a b\nc\nd a\n", "translate", "run", run, "--max-tokens", "6")).Output.Count(c => c == '\n'));
        var best = await CommandLineRun.Of("translate", "run", run, "--text", "a b", "--beam", "4", "--nbest", "3", "--json", "--max-tokens", "6");
        Assert.Equal(3, best.Lines.Select(line => JsonDocument.Parse(line).RootElement.GetProperty("translation").GetString()).Count());
        var drawn = await CommandLineRun.Of("translate", "run", run, "--text", "a b", "--temperature", "1", "--seed", "3", "--max-tokens", "6");
        Assert.Equal(drawn.Output, (await CommandLineRun.Of("translate", "run", run, "--text", "a b", "--temperature", "1", "--seed", "3", "--max-tokens", "6")).Output);
        Assert.Equal(0, (await CommandLineRun.Of("translate", "run", run, "--text", "a b", "--alignment", folder["a.svg"], "--max-tokens", "6")).Code);
        Assert.StartsWith("<svg", File.ReadAllText(folder["a.svg"]), StringComparison.Ordinal);

        var eval = await CommandLineRun.Of("translate", "eval", run, "--source", folder["valid.src"], "--target", folder["valid.tgt"], "--bands", "2,3", "--save", folder["said"], "--max-tokens", "8", "--json");
        Assert.Equal(0, eval.Code);
        var scored = JsonDocument.Parse(eval.Output).RootElement;
        Assert.Equal("nrefs:1|case:mixed|eff:no|tok:13a|smooth:exp|version:2.6.0", scored.GetProperty("signature").GetString());
        Assert.Equal(8, scored.GetProperty("by_length").EnumerateArray().Sum(band => band.GetProperty("segments").GetInt32()));
        Assert.Equal(8, File.ReadAllLines(folder["said"]).Length);

        Assert.Equal(2, (await CommandLineRun.Of(Train(folder))).Code);    // the folder is taken
        Assert.Equal(0, (await CommandLineRun.Of("translate", "train", "--resume", run)).Code);    // and finished
        var graph = await CommandLineRun.Of("info", run, "--graph", folder["loss.json"], "--json");
        Assert.Equal(0, graph.Code);
        var operations = JsonDocument.Parse(File.ReadAllText(folder["loss.json"])).RootElement.GetProperty("nodes").EnumerateArray().Select(node => node.GetProperty("operation").GetString()).ToArray();
        Assert.Contains("Softmax", operations);
        Assert.Contains("encoder–decoder", (await CommandLineRun.Of("info", run)).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_cannot_be_is_refused_in_a_sentence()
    {
        using var folder = new TemporaryFolder();
        Write(folder);
        await Refused(2, "--source", "translate", "train", "--target", folder["train.tgt"]);
        await Refused(2, "no file", "translate", "train", "--source", folder["none"], "--target", folder["train.tgt"], "--valid-source", folder["valid.src"], "--valid-target", folder["valid.tgt"]);
        await Refused(2, "resume", "translate", "train", "--resume", folder["none"]);
        await Refused(2, "--epochs", "translate", "train", "--resume", folder["none"], "--epochs", "3");
        await Refused(2, "--tokenizer has no meaning", [.. Train(folder), "--pretrained", folder["none"]]);
        await Refused(2, "no folder", "translate", "run", folder["none"], "--text", "a");
        await Refused(1, "config.json", "translate", "run", folder.Path, "--text", "a");
        await Refused(2, "--temperature", "translate", "run", folder["none"], "--text", "a", "--temperature", "1", "--beam", "3");
        await Refused(2, "nbest", "translate", "run", folder["none"], "--text", "a", "--nbest", "9");
        await Refused(2, "--bands", "translate", "eval", folder["none"], "--source", folder["valid.src"], "--target", folder["valid.tgt"], "--bands", "9,3");
        await Refused(2, "line by line", "translate", "eval", folder["none"], "--source", folder["valid.src"], "--target", folder["train.tgt"]);
        Assert.False(Directory.Exists(folder["none"]));

        static async Task Refused(int code, string named, params string[] args)
        {
            var run = await CommandLineRun.Of(args);
            Assert.Equal(code, run.Code);
            Assert.Contains(named, run.Error, StringComparison.Ordinal);
            Assert.Single(run.Error.TrimEnd().Split('\n'));
        }
    }

    [Fact]
    public async Task A_transformer_is_trained_resumed_and_read_again()
    {
        using var folder = new TemporaryFolder();
        Write(folder);
        string[] args = [
            "translate", "train", "--source", folder["train.src"], "--target", folder["train.tgt"], "--valid-source", folder["valid.src"], "--valid-target", folder["valid.tgt"],
            "--model", "transformer", "--tokenizer", "word", "--shared-vocabulary", "--hidden", "16", "--heads", "2", "--inner", "24", "--layers", "1", "--epochs", "2", "--batch-size", "8",
            "--schedule", "inverse-sqrt", "--warmup", "5", "--out", folder["run"]];
        Assert.Equal(0, (await CommandLineRun.Of(args)).Code);
        Assert.Equal(0, (await CommandLineRun.Of("translate", "run", folder["run"], "--text", "a b", "--beam", "2", "--max-tokens", "6")).Code);
        Assert.Equal(0, (await CommandLineRun.Of("translate", "run", folder["run"], "--text", "a b", "--alignment", folder["looks.svg"], "--max-tokens", "6")).Code);
        Assert.StartsWith("<svg", File.ReadAllText(folder["looks.svg"]), StringComparison.Ordinal);
        Assert.Contains("Transformer of 2017", (await CommandLineRun.Of("info", folder["run"])).Output, StringComparison.Ordinal);
        foreach (var (option, value) in ((string, string)[])[("--attention", "dot"), ("--cell", "gru"), ("--embedding", "8")])
        {
            var refused = await CommandLineRun.Of([.. args[..^1], folder["other"], option, value]);
            Assert.Equal(2, refused.Code);
            Assert.Contains(option, refused.Error, StringComparison.Ordinal);
        }
        Assert.False(Directory.Exists(folder["other"]));
    }

    private static string[] Train(TemporaryFolder folder) => [
        "translate", "train", "--source", folder["train.src"], "--target", folder["train.tgt"], "--valid-source", folder["valid.src"], "--valid-target", folder["valid.tgt"],
        "--tokenizer", "word", "--hidden", "16", "--embedding", "8", "--cell", "gru", "--epochs", "20", "--batch-size", "8", "--learning-rate", "0.01", "--dropout", "0", "--out", folder["run"]];

    private static void Write(TemporaryFolder folder)
    {
        foreach (var (name, count, seed) in ((string, int, ulong)[])[("train", 40, 1), ("valid", 8, 2)])
        {
            string[] lines = [.. Enumerable.Range(0, count).Select(i => string.Join(' ', Enumerable.Range(0, 1 + i % 4).Select(k => "abcd"[(int)new RandomStream(seed).Below(4, (ulong)(10 * i + k))])))];
            File.WriteAllLines(folder[$"{name}.src"], lines);
            File.WriteAllLines(folder[$"{name}.tgt"], lines.Select(line => string.Join(' ', line.Split(' ').Reverse())));
        }
    }
}
