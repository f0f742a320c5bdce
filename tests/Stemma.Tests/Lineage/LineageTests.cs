using System.Text.Json.Nodes;
using Stemma.Lineage;
using Stemma.Models.NGram;
using Stemma.Models.Uniform;
using Stemma.Tests.Cli;
using Stemma.Text.Corpora;
using Stemma.Text.Shards;
using Stemma.Text.Tokenizers.Characters;
using Xunit;

namespace Stemma.Tests.Lineage;

public sealed class LineageTests
{
    private static readonly string[] s_small =
        ["--tokenizer", "char", "--budget-flops", "2e9", "--threads", "1", "--only", "uniform", "unigram", "trigram", "add-k", "kneser-ney", "gpt2"];

    [Fact]
    public async Task Every_rung_stands_on_one_scale_and_a_second_run_repeats_the_first()
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(folder["text.txt"], SmallRun.Text + SmallRun.Text[1000..3500]);
        var first = await Records(["--data", folder["text.txt"], "--out", folder["a"], .. s_small]);
        Assert.Equal(["uniform", "unigram", "trigram", "add-k", "kneser-ney", "gpt2"], first.Select(record => (string)record["rung"]!));
        var bits = first.ToDictionary(record => (string)record["rung"]!, record => (double?)record["bits_per_byte"] ?? double.PositiveInfinity);
        Assert.True(bits["unigram"] < bits["uniform"]);
        Assert.True(bits["kneser-ney"] < bits["unigram"]);
        Assert.All(first, record => Assert.True((double?)record["low"] is null || (double)record["low"]! <= (double)record["bits_per_byte"]! && (double)record["bits_per_byte"]! <= (double)record["high"]!));
        var order = first[2]["arrow"]!;
        Assert.True((bool)order["holds"]!);
        Assert.True((double)order["after"]! > 0.1);
        Assert.InRange((double)order["before"]!, -0.1, 0.1);
        Assert.Equal(0, (double)first[3]["abilities"]!["possibility"]!);

        // Opened again, everything is there; elsewhere, everything comes out the same but for the clock.
        Assert.Equal(first.Select(record => record.ToJsonString()), (await Records(["--data", folder["text.txt"], "--out", folder["a"], .. s_small])).Select(record => record.ToJsonString()));
        var again = await Records(["--data", folder["text.txt"], "--out", folder["b"], .. s_small]);
        foreach (var (one, other) in first.Zip(again))
            foreach (var field in (string[])["bits_per_byte", "low", "high", "parameters", "steps", "abilities", "sample"])
                Assert.Equal(one[field]?.ToJsonString(), other[field]?.ToJsonString());

        var page = await File.ReadAllTextAsync(folder["a/report.html"]);
        Assert.Contains("GPT-2 style", page, StringComparison.Ordinal);
        Assert.Equal(3, page.Split("<figure>").Length - 1);
        var markdown = await File.ReadAllTextAsync(folder["a/report.md"]);
        foreach (var figure in (string[])["rungs", "years", "seconds"])
        {
            Assert.Contains($"(lineage-{figure}.svg)", markdown, StringComparison.Ordinal);
            Assert.True(File.Exists(folder[$"a/lineage-{figure}.svg"]));
        }
        Assert.DoesNotContain("<script", page, StringComparison.Ordinal);
        Assert.DoesNotContain("href=", page, StringComparison.Ordinal);

        // More rungs come to those that are there, which stay as they are; the page can lie elsewhere.
        var more = await Records(["--data", folder["text.txt"], "--out", folder["a"], .. s_small, "transformer-2017", "llama", "mixture", "--page", folder["docs/lineage.md"]]);
        Assert.Equal(["uniform", "unigram", "trigram", "add-k", "kneser-ney", "transformer-2017", "gpt2", "llama", "mixture"], more.Select(record => (string)record["rung"]!));
        foreach (var one in first.Where(record => (string)record["rung"]! != "gpt2"))
            Assert.Equal(one.ToJsonString(), more.Single(record => (string)record["rung"]! == (string)one["rung"]!).ToJsonString());
        foreach (var field in (string[])["bits_per_byte", "seconds", "peak_bytes", "sample"])
            Assert.Equal(first[^1][field]!.ToJsonString(), more.Single(record => (string)record["rung"]! == "gpt2")[field]!.ToJsonString());
        Assert.Contains("(figures/lineage-rungs.svg)", await File.ReadAllTextAsync(folder["docs/lineage.md"]), StringComparison.Ordinal);
        Assert.True(File.Exists(folder["docs/figures/lineage-rungs.svg"]));

        var other2 = await CommandLineRun.Of(["lineage", "--data", folder["text.txt"], "--out", folder["a"], .. s_small, "--seed", "2"]);
        Assert.Equal(2, other2.Code);
        Assert.Contains("holds a lineage with other settings", other2.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("There is no rung gpt. Did you mean gpt2?", "--only", "gpt")]
    [InlineData("--budget is \"soon\"", "--budget", "soon")]
    [InlineData("it must be above 0", "--budget-flops", "-1")]
    [InlineData("unknown words have no bytes", "--tokenizer", "word")]
    public async Task What_is_wrong_is_said_before_anything_is_written(string message, params string[] options)
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(folder["text.txt"], SmallRun.Text);
        var run = await CommandLineRun.Of(["lineage", "--data", folder["text.txt"], "--out", folder["a"], .. options]);
        Assert.Equal(2, run.Code);
        Assert.Contains(message, run.Error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(folder["a"]));
    }

    [Fact]
    public void Abilities_are_those_that_the_models_have_by_construction()
    {
        using var folder = new TemporaryFolder();
        var text = SmallRun.Text;
        var tokenizer = new CharacterTrainer().Train([text]);
        var builder = new ShardBuilder { Tokenizer = tokenizer };
        builder.Build(folder["train.tokens"], [new Document("a", text[..3000])]);
        builder.Build(folder["heldout.tokens"], [new Document("b", text[3000..])]);
        using var train = TokenShard.Open(folder["train.tokens"]);
        using var heldOut = TokenShard.Open(folder["heldout.tokens"]);
        var test = new AbilityTest(train, heldOut, 1);

        var uniform = test.Measure(new UniformModel(tokenizer.VocabSize));
        Assert.Equal(new Abilities(0, 0, uniform.Novelty, 0, 0), uniform);

        // Three tokens are all it sees: order matters, nothing far does, and what was read once is not remembered.
        var (table, path) = (new NGramTrainer { Model = new() { Order = 3, Smoothing = new AddK { K = 0.1 } }, ThreadCount = 1 }.Train([new Document("a", text[..3000])], tokenizer), folder["t.ngram"]);
        using (table) NGramFile.Write(path, table);
        using var trigram = NGramModel.Open(path);
        var abilities = test.Measure(trigram);
        Assert.True(abilities.Order > 1);
        Assert.Equal(0, abilities.Possibility);
        Assert.Equal(0, abilities.Reach, 1e-9);
        // The random sequence has no copy in reach but at its seam.
        Assert.InRange(abilities.Copying, -0.5, 0.5);

        var (exact, file) = (new NGramTrainer { Model = new() { Order = 3, Smoothing = new MaximumLikelihood() }, ThreadCount = 1 }.Train([new Document("a", text[..3000])], tokenizer), folder["m.ngram"]);
        using (exact) NGramFile.Write(file, exact);
        using var unsmoothed = NGramModel.Open(file);
        Assert.True(test.Measure(unsmoothed).Novelty is double.PositiveInfinity or double.NaN);
    }

    private static async Task<JsonNode[]> Records(string[] options)
    {
        var run = await CommandLineRun.Of(["lineage", .. options, "--json"]);
        Assert.True(run.Code == 0, run.Error);
        return [.. run.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonNode.Parse(line)!)];
    }
}
