using System.Text.Json.Nodes;
using Xunit;

namespace Stemma.Tests.Cli;

public sealed class NGramCommandTests
{
    [Fact]
    public async Task A_model_of_counts_is_evaluated_and_continued_like_any_other()
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(folder["text.txt"], SmallRun.Text);
        var trained = await CommandLineRun.Of("ngram", "train", "--data", folder["text.txt"], "--tokenizer", "char", "--order", "4", "--out", folder["model"]);
        Assert.Equal("", trained.Error);
        Assert.Contains("4-gram, modified Kneser–Ney", trained.Output, StringComparison.Ordinal);
        var own = JsonNode.Parse((await CommandLineRun.Of("eval", folder["model"], "--json")).Output)!;
        Assert.Contains($"Held-out text: {(double)own["bits_per_byte"]!:0.000} bits/byte", trained.Output, StringComparison.Ordinal);
        // The words of the text repeat: four letters say most of what comes next.
        Assert.InRange((double)own["bits_per_byte"]!, 0.1, 2);
        var generated = await CommandLineRun.Of("generate", folder["model"], "--prompt", "the riv", "--max-tokens", "3", "--temperature", "0");
        Assert.Equal("the river ", generated.Output.TrimEnd('\r', '\n'));
        Assert.Contains("4-gram, modified Kneser–Ney", (await CommandLineRun.Of("info", folder["model"])).Output, StringComparison.Ordinal);
        Assert.Contains("has no weights", (await CommandLineRun.Of("info", folder["model"], "--graph", "g.svg")).Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Words_go_through_an_arpa_file_unchanged()
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(folder["text.txt"], SmallRun.Text);
        await File.WriteAllTextAsync(folder["other.txt"], "the river counts its bridges\nnobody runs a river\n");
        Assert.Equal(0, (await CommandLineRun.Of("ngram", "train", "--data", folder["text.txt"], "--tokenizer", "word", "--order", "3", "--smoothing", "witten-bell", "--held-out", "0", "--out", folder["model"])).Code);
        Assert.Equal(0, (await CommandLineRun.Of("ngram", "export", folder["model"], folder["model.arpa"])).Code);
        Assert.Equal(0, (await CommandLineRun.Of("ngram", "import", folder["model.arpa"], "--out", folder["again"])).Code);
        var first = JsonNode.Parse((await CommandLineRun.Of("eval", folder["model"], "--data", folder["other.txt"], "--json")).Output)!;
        var again = JsonNode.Parse((await CommandLineRun.Of("eval", folder["again"], "--data", folder["other.txt"], "--json")).Output)!;
        Assert.Equal(11, (int)first["tokens"]!);
        Assert.Equal(4, (int)first["unknown_tokens"]!);
        // An ARPA file has seven digits or so.
        Assert.Equal((double)first["perplexity"]!, (double)again["perplexity"]!, 1e-4 * (double)first["perplexity"]!);
        Assert.True((double)first["perplexity_without_unknown"]! < (double)first["perplexity"]!);
    }

    [Fact]
    public async Task Memory_and_threads_do_not_change_the_model()
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(folder["text.txt"], SmallRun.Text);
        string[] usual = ["ngram", "train", "--data", folder["text.txt"], "--tokenizer", "bpe", "--vocab-size", "280", "--out"];
        Assert.Equal(0, (await CommandLineRun.Of([.. usual, folder["a"], "--threads", "1"])).Code);
        Assert.Equal(0, (await CommandLineRun.Of([.. usual, folder["b"], "--threads", "2", "--memory", "2MB"])).Code);
        Assert.Equal(await File.ReadAllBytesAsync(folder["a/model.ngram"]), await File.ReadAllBytesAsync(folder["b/model.ngram"]));
    }

    [Fact]
    public async Task Models_of_one_tokenizer_are_mixed()
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(folder["text.txt"], SmallRun.Text);
        await File.WriteAllTextAsync(folder["other.txt"], string.Concat(SmallRun.Text.Split('\n').Reverse().Select(line => line + "\n")));
        Assert.Equal(0, (await CommandLineRun.Of("ngram", "train", "--data", folder["text.txt"], "--tokenizer", "char", "--order", "4", "--out", folder["a"])).Code);
        string[] second = ["ngram", "train", "--data", folder["text.txt"], "--order", "2", "--smoothing", "add-k:0.1", "--prune-entropy", "1e-6", "--held-out", "0", "--out"];
        Assert.Equal(0, (await CommandLineRun.Of([.. second, folder["b"], "--tokenizer", folder["a/tokenizer.json"]])).Code);
        var mixed = JsonNode.Parse((await CommandLineRun.Of("ngram", "mix", folder["a"], folder["b"], "--data", folder["other.txt"], "--out", folder["m"], "--json")).Output)!;
        Assert.Equal(1, mixed["weights"]!.AsArray().Sum(weight => (double)weight!), 1e-9);
        Assert.True((double)mixed["loss_nats_per_token"]! <= mixed["part_losses"]!.AsArray().Min(loss => (double)loss!) + 1e-9);
        var own = JsonNode.Parse((await CommandLineRun.Of("eval", folder["m"], "--data", folder["other.txt"], "--json")).Output)!;
        // The evaluation predicts the first letter too.
        Assert.Equal((double)mixed["loss_nats_per_token"]!, (double)own["loss_nats_per_token"]!, 0.02);
        Assert.Contains("part-1", (await CommandLineRun.Of("info", folder["m"])).Output, StringComparison.Ordinal);
        Assert.Equal(0, (await CommandLineRun.Of("generate", folder["m"], "--prompt", "the riv", "--max-tokens", "3", "--temperature", "0")).Code);
        Assert.Equal(0, (await CommandLineRun.Of([.. second, folder["c"], "--tokenizer", "word"])).Code);
        Assert.Contains("another tokenizer", (await CommandLineRun.Of("ngram", "mix", folder["a"], folder["c"], "--weights", "0.5,0.5")).Error, StringComparison.Ordinal);
        Assert.Contains("not shares of a whole", (await CommandLineRun.Of("ngram", "mix", folder["a"], folder["b"], "--weights", "0.5,0.6", "--out", folder["n"])).Error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(folder["n"]));
    }

    [Theory]
    [InlineData("There is no smoothing kneser-nay. Did you mean kneser-ney?", "--smoothing", "kneser-nay")]
    [InlineData("k is -1", "--smoothing", "add-k:-1")]
    [InlineData("takes no number", "--smoothing", "witten-bell:2")]
    [InlineData("--memory is \"much\"", "--memory", "much")]
    [InlineData("counting needs at least 1 MB", "--memory", "1KB")]
    [InlineData("--prune is \"a\"", "--prune", "a")]
    [InlineData("The pruning threshold of unigrams is 1", "--prune", "1")]
    [InlineData("--vocab-size belongs to --tokenizer bpe, unigram, sentencepiece-bpe, wordpiece or word", "--vocab-size", "300")]
    public async Task What_is_wrong_is_said_and_nothing_is_written(string message, string option, string value)
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(folder["text.txt"], SmallRun.Text);
        var run = await CommandLineRun.Of("ngram", "train", "--data", folder["text.txt"], "--tokenizer", "char", "--out", folder["model"], option, value);
        Assert.Equal(2, run.Code);
        Assert.Contains(message, run.Error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(folder["model"]));
    }
}
