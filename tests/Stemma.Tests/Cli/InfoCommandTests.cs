using System.Text.Json.Nodes;
using Xunit;

namespace Stemma.Tests.Cli;

/// <summary>What <c>stemma info</c> shows when asked for more.</summary>
public sealed class InfoCommandTests
{
    [Fact]
    public async Task Norms_of_every_weight_are_shown()
    {
        using var folder = new TemporaryFolder();
        await SmallRun.Train(folder);
        var norms = JsonNode.Parse((await CommandLineRun.Of("info", folder["run"], "--norms", "--json")).Output)!["norms"]!.AsArray();
        var matrix = norms.Single(norm => (string)norm!["name"]! == "transformer.wte.weight")!;
        Assert.True(0 < (double)matrix["spectral"]! && (double)matrix["spectral"]! <= (double)matrix["frobenius"]! && (double)matrix["frobenius"]! <= (double)matrix["nuclear"]!);
        var vector = norms.Single(norm => (string)norm!["name"]! == "transformer.ln_f.weight")!;
        Assert.Equal(16, (double)vector["l1"]!, 1.0);   // sixteen numbers that began as 1
        Assert.Null(vector["spectral"]);
        var table = await CommandLineRun.Of("info", folder["run"], "--norms");
        Assert.Contains(table.Lines, line => line.Contains("Frobenius  spectral", StringComparison.Ordinal));
        Assert.Contains(table.Lines, line => line.StartsWith("transformer.wte.weight", StringComparison.Ordinal) && line.Contains($"{(double)matrix["spectral"]!:N3}", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_model_without_a_tokenizer_is_shown_and_says_so()
    {
        var folder = Path.Combine(AppContext.BaseDirectory, "Fixtures", "models", "llama");
        var shown = await CommandLineRun.Of("info", folder);
        Assert.Equal(0, shown.Code);
        Assert.Contains(shown.Lines, line => line.Contains("takes token ids", StringComparison.Ordinal));
        Assert.Contains("no tokenizer", (string)JsonNode.Parse((await CommandLineRun.Of("info", folder, "--json")).Output)!["tokenizer_trouble"]!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Norms_are_those_of_a_model()
    {
        using var folder = new TemporaryFolder();
        await SmallRun.Train(folder);
        var refused = await CommandLineRun.Of("info", folder["run/tokenizer.json"], "--norms");
        Assert.Equal(2, refused.Code);
        Assert.StartsWith("--norms are those of a model's weights", refused.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("graph.svg", "<svg")]
    [InlineData("graph.dot", "digraph tape {")]
    [InlineData("graph.json", "{\"saved_bytes\":")]
    public async Task The_graph_of_the_loss_is_written(string file, string beginning)
    {
        using var folder = new TemporaryFolder();
        await SmallRun.Train(folder);
        var run = await CommandLineRun.Of("info", folder["run"], "--graph", folder[file]);
        Assert.Equal(0, run.Code);
        var graph = await File.ReadAllTextAsync(folder[file]);
        Assert.StartsWith(beginning, graph, StringComparison.Ordinal);
        foreach (var name in (string[])["transformer.h.0.attn.c_attn.weight", "LayerNorm", "Attention", "LinearCrossEntropy"]) Assert.Contains(name, graph, StringComparison.Ordinal);
        var record = JsonNode.Parse((await CommandLineRun.Of("info", folder["run"], "--graph", folder[file], "--json")).Output)!;
        Assert.True((int)record["operations"]! > 10 && (long)record["saved_bytes"]! > 0);
    }

    [Fact]
    public async Task A_file_of_tokens_shows_what_padding_would_waste()
    {
        using var folder = new TemporaryFolder();
        await SmallRun.Train(folder);
        var record = JsonNode.Parse((await CommandLineRun.Of("info", folder["run/data/train.tokens"], "--context", "64", "--json")).Output)!;
        Assert.Equal(1, (int)record["documents"]!);
        var tokens = (long)record["tokens"]!;
        Assert.Equal(tokens, (long)record["longest_tokens"]!);
        Assert.Equal(1 - tokens / (Math.Ceiling(tokens / 64.0) * 64), (double)record["waste_packed"]!, 1e-9);
        var text = await CommandLineRun.Of("info", folder["run/data/train.tokens"]);
        Assert.Contains("at context 256, 32 rows a batch: ", text.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--graph is graph.png; its name must end in .svg, .dot or .json.", "run", "--graph", "graph.png")]
    [InlineData("--graph writes a file and --norms a table; choose one.", "run", "--graph", "graph.svg", "--norms")]
    [InlineData("--context belongs to a .tokens file;", "run", "--context", "64")]
    [InlineData("--graph is that of a model's loss;", "run/tokenizer.json", "--graph", "graph.svg")]
    [InlineData("--context is 0; it must be at least 1.", "run/data/train.tokens", "--context", "0")]
    public async Task Options_of_other_files_are_refused(string message, string path, params string[] more)
    {
        using var folder = new TemporaryFolder();
        await SmallRun.Train(folder);
        var run = await CommandLineRun.Of(["info", folder[path], .. more]);
        Assert.Equal(2, run.Code);
        Assert.StartsWith(message, run.Error, StringComparison.Ordinal);
    }
}
