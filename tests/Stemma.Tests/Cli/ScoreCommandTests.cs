using System.Text.Json.Nodes;
using Xunit;

namespace Stemma.Tests.Cli;

public sealed class ScoreCommandTests
{
    private static readonly string[] s_right = ["the river runs under old bridges", "nobody counts its stones", "rain fell all night on the roof", "the boats were tied to the bank"];
    private static readonly string[] s_said = ["the river runs under the old bridges", "no one counts its stones", "rain fell on the roof all night", "the boats lay at the bank"];

    [Fact]
    public async Task Scores_are_those_of_the_originals()
    {
        using var folder = await Files();
        var run = await CommandLineRun.Of("score", folder["said.txt"], "--reference", folder["right.txt"], "--metric", "bleu", "chrf", "ter", "wer", "rouge-1", "--json");
        Assert.Equal("", run.Error);
        var scores = run.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonNode.Parse(line)!).ToDictionary(record => (string)record["metric"]!);
        Assert.Equal(100 * Errors() / 24.0, (double)scores["wer"]["score"]!, 1e-9);
        Assert.Equal("nrefs:1|case:mixed|eff:no|tok:13a|smooth:exp|version:2.6.0", (string)scores["bleu"]["signature"]!);
        Assert.All(scores.Values, record => Assert.InRange((double)record["score"]!, (double)record["low"]!, (double)record["high"]!));
        Assert.InRange((double)scores["rouge-1"]["score"]!, 70, 95);
    }

    [Fact]
    public async Task A_better_system_is_told_from_a_worse_one()
    {
        using var folder = await Files();
        // Many segments of which one system has all and the other none of the words in order.
        await File.WriteAllLinesAsync(folder["many.txt"], Enumerable.Repeat(s_right, 20).SelectMany(lines => lines));
        await File.WriteAllLinesAsync(folder["worse.txt"], Enumerable.Repeat(s_said, 20).SelectMany(lines => lines));
        var better = JsonNode.Parse((await CommandLineRun.Of("score", folder["many.txt"], "--reference", folder["many.txt"], "--against", folder["worse.txt"], "--metric", "bleu", "--json")).Output)!;
        Assert.Equal(100, (double)better["score"]!, 1e-9);
        Assert.True((double)better["difference_low"]! > 0);
        Assert.True((double)better["p_value"]! < 0.01);
        var same = JsonNode.Parse((await CommandLineRun.Of("score", folder["worse.txt"], "--reference", folder["many.txt"], "--against", folder["worse.txt"], "--metric", "ter", "--json")).Output)!;
        Assert.Equal(0, (double)same["difference"]!);
        Assert.Equal(1, (double)same["p_value"]!);
    }

    [Fact]
    public async Task What_does_not_belong_together_is_refused()
    {
        using var folder = await Files();
        await File.WriteAllLinesAsync(folder["short.txt"], s_right[..3]);
        await Refused("has 4 lines and", folder["said.txt"], "--reference", folder["short.txt"]);
        await Refused("There is no metric blue. Did you mean bleu?", folder["said.txt"], "--reference", folder["right.txt"], "--metric", "blue");
        await Refused("WER takes one reference", folder["said.txt"], "--reference", folder["right.txt"], "--reference", folder["right.txt"], "--metric", "wer");
        await Refused("There is no file", folder["none.txt"], "--reference", folder["right.txt"]);

        static async Task Refused(string message, params string[] options)
        {
            var run = await CommandLineRun.Of(["score", .. options]);
            Assert.Equal(2, run.Code);
            Assert.Contains(message, run.Error, StringComparison.Ordinal);
        }
    }

    // The fewest edits of words, by the definition.
    private static int Errors() => s_said.Zip(s_right).Sum(pair =>
    {
        var (a, b) = (pair.First.Split(' '), pair.Second.Split(' '));
        var edits = new int[a.Length + 1, b.Length + 1];
        for (var i = 0; i <= a.Length; i++)
            for (var j = 0; j <= b.Length; j++)
                edits[i, j] = i == 0 || j == 0 ? i + j : Math.Min(Math.Min(edits[i - 1, j], edits[i, j - 1]) + 1, edits[i - 1, j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1));
        return edits[a.Length, b.Length];
    });

    private static async Task<TemporaryFolder> Files()
    {
        var folder = new TemporaryFolder();
        await File.WriteAllLinesAsync(folder["said.txt"], s_said);
        await File.WriteAllLinesAsync(folder["right.txt"], s_right);
        return folder;
    }
}
