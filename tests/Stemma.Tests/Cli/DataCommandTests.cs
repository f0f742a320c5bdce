using System.Text.Json;
using Stemma.Evaluation;
using Stemma.Tests.Curation;
using Stemma.Text.Corpora;
using Xunit;

namespace Stemma.Tests.Cli;

/// <summary><c>stemma data</c> from a recipe to a trained model.</summary>
public sealed class DataCommandTests
{
    [Fact]
    public async Task A_recipe_becomes_shards_that_can_be_looked_at_traced_and_trained_on()
    {
        using var folder = new TemporaryFolder();
        var random = new Random(4);
        SmallCorpus.WriteJsonLines(folder["a.jsonl"], Enumerable.Range(0, 120).Select(i => ($"a{i}", SmallCorpus.Paragraph(random, 4))));
        await File.WriteAllTextAsync(folder["recipe.json"], $$"""
            { "inputs": [{ "path": "{{folder["a.jsonl"].Replace('\\', '/')}}", "format": { "kind": "jsonl", "name": "id" } }],
              "steps": [{ "kind": "normalize" }, { "kind": "near_duplicates" }],
              "tokenizer": { "kind": "bpe", "vocab_size": 300 }, "shards": { "text_bytes": 20000, "validation_fraction": 0.1 } }
            """, TestContext.Current.CancellationToken);
        var built = await CommandLineRun.Of("data", "build", folder["recipe.json"], "--out", folder["built"], "--json");
        Assert.Equal((0, 120), (built.Code, JsonDocument.Parse(built.Output).RootElement.GetProperty("documents").GetInt32()));

        var inspected = await CommandLineRun.Of("data", "inspect", folder["built"], "--figures", folder["figures"], "--samples", "--verify");
        Assert.Equal(0, inspected.Code);
        Assert.Contains("near_duplicates", inspected.Output, StringComparison.Ordinal);
        Assert.Equal(["collisions.svg", "funnel.svg", "lengths.svg"], Directory.EnumerateFiles(folder["figures"]).Select(Path.GetFileName).Order());

        var shard = Path.Combine(folder["built"], "train-00000.tokens");
        var traced = JsonDocument.Parse((await CommandLineRun.Of("data", "trace", shard, "100", "--json")).Output).RootElement;
        Assert.StartsWith("a", traced.GetProperty("document").GetString(), StringComparison.Ordinal);
        Assert.Contains(traced.GetProperty("before").GetString() + traced.GetProperty("token").GetString(), await File.ReadAllTextAsync(folder["a.jsonl"], TestContext.Current.CancellationToken), StringComparison.Ordinal);
        Assert.Equal(2, (await CommandLineRun.Of("data", "trace", shard, "100000000")).Code);

        string[] train = ["train", "--data", folder["built"], "--steps", "3", "--set", "model.layer_count=1", "--set", "model.hidden_size=16", "--set", "model.head_count=2", "--set", "model.context_length=16", "--set", "evaluation_interval=0", "--set", "sample_tokens=0", "--json"];
        var plain = await CommandLineRun.Of([.. train, "--out", folder["plain"]]);
        Assert.True(plain.Code == 0, plain.Error);
        var apart = await CommandLineRun.Of([.. train, "--set", "data.documents_apart=true", "--out", folder["apart"]]);
        Assert.True(apart.Code == 0, apart.Error);
        Assert.NotEqual(plain.Lines.First(line => line.Contains("\"loss\"", StringComparison.Ordinal)), apart.Lines.First(line => line.Contains("\"loss\"", StringComparison.Ordinal)));

        // Any text is measured as the run was trained: documents apart.
        Directory.CreateDirectory(folder["texts"]);
        for (var i = 0; i < 3; i++) await File.WriteAllTextAsync(Path.Combine(folder["texts"], $"{i}.txt"), $"a{i} is another text, the {i + 1}th of three", TestContext.Current.CancellationToken);
        var evaluated = JsonDocument.Parse((await CommandLineRun.Of("eval", folder["apart"], "--data", folder["texts"], "--json")).Output).RootElement.GetProperty("loss_nats_per_token").GetDouble();
        using (var model = LanguageModel.Load(folder["apart"]))
        {
            double Loss(bool documentsApart) => Evaluator.Evaluate(model.Model, model.Tokenizer, Corpus.Open(folder["texts"]), documentsApart: documentsApart).LossNatsPerToken;
            Assert.Equal(Loss(true), evaluated, 1e-6);
            Assert.NotEqual(Loss(false), evaluated, 1e-6);
        }

        var carried = await CommandLineRun.Of("train", "--data", folder["built"], "--steps", "1", "--set", "model.kind=lstm", "--set", "data.documents_apart=true", "--out", folder["lstm"]);
        Assert.Equal(2, carried.Code);
        Assert.Contains("documents_apart", carried.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Misuse_is_told_in_a_sentence()
    {
        using var folder = new TemporaryFolder();
        Assert.Equal(2, (await CommandLineRun.Of("data", "build", folder["no.json"], "--out", folder["x"])).Code);
        await File.WriteAllTextAsync(folder["bad.json"], "{\"inputs\":[{\"path\":\"x\",\"colour\":1}]}", TestContext.Current.CancellationToken);
        var bad = await CommandLineRun.Of("data", "build", folder["bad.json"], "--out", folder["x"]);
        Assert.Equal(2, bad.Code);
        Assert.Contains("unknown field inputs[0].colour", bad.Error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(folder["x"]));
        var none = await CommandLineRun.Of("data", "inspect", folder.Path);
        Assert.Equal(2, none.Code);
        Assert.Contains("manifest.json", none.Error, StringComparison.Ordinal);
    }
}
