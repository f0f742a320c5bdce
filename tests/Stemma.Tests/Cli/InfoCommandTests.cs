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
    public async Task Norms_are_those_of_a_model()
    {
        using var folder = new TemporaryFolder();
        await SmallRun.Train(folder);
        var refused = await CommandLineRun.Of("info", folder["run/tokenizer.json"], "--norms");
        Assert.Equal(2, refused.Code);
        Assert.StartsWith("--norms are those of a model's weights", refused.Error, StringComparison.Ordinal);
    }
}
