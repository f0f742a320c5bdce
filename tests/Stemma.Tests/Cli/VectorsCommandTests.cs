using System.Text.Json.Nodes;
using Stemma.Models.WordEmbeddings.Formats;
using Xunit;

namespace Stemma.Tests.Cli;

public sealed class VectorsCommandTests
{
    [Theory]
    [InlineData("vectors.bin", "--method", "skip-gram", "--negative", "3")]
    [InlineData("vectors.txt", "--method", "cbow", "--hierarchical-softmax", "--format", "text", "--hogwild", "2")]
    public async Task Vectors_are_learnt_looked_at_and_converted(string file, params string[] more)
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(folder["text.txt"], SmallRun.Text);
        string[] options = ["vectors", "train", "--data", folder["text.txt"], "--size", "7", "--passes", "2", .. more, "--out"];
        var trained = await CommandLineRun.Of([.. options, folder["run"]]);
        Assert.Equal("", trained.Error);
        Assert.Contains("text.txt: 900 words in 129 lines", trained.Output, StringComparison.Ordinal);
        Assert.True(File.Exists(folder[$"run/{file}"]));
        Assert.Contains("\nriver ", await File.ReadAllTextAsync(folder["run/vocabulary.txt"]), StringComparison.Ordinal);
        Assert.Equal("word2vec", (string)JsonNode.Parse(await File.ReadAllTextAsync(folder["run/run.json"]))!["model"]!["kind"]!);

        var near = JsonNode.Parse((await CommandLineRun.Of("vectors", "neighbours", folder["run"], "RIVER", "--count", "2", "--json")).Output)!;
        Assert.Equal("river", (string)near["word"]!);
        Assert.Equal(2, near["neighbours"]!.AsArray().Count);
        var answer = await CommandLineRun.Of("vectors", "analogy", folder[$"run/{file}"], "the", "river", "old", "--method", "3CosMul");
        Assert.StartsWith("the : river = old : ", answer.Output, StringComparison.Ordinal);
        Assert.Equal(0, (await CommandLineRun.Of("vectors", "convert", folder["run"], folder["other.txt"], "--words", "3")).Code);
        var (all, some) = (WordVectorFile.Read(folder[$"run/{file}"]), WordVectorFile.Read(folder["other.txt"]));
        Assert.Equal(all.Values[..21].ToArray(), some.Values.ToArray());

        // What stands there is not overwritten.
        var again = await CommandLineRun.Of([.. options, folder["run"]]);
        Assert.Equal((2, $"{folder["run"]} already holds a run; choose another folder with --out."), (again.Code, again.Error.TrimEnd()));
    }

    [Fact]
    public async Task The_same_seed_gives_the_same_file()
    {
        using var folder = new TemporaryFolder();
        foreach (var name in (string[])["a", "b"])
        {
            var run = await CommandLineRun.WithInput(SmallRun.Text, "vectors", "train", "--data", "-", "--size", "5", "--out", folder[name], "--json");
            Assert.Equal(6, (int)JsonNode.Parse(run.Output)!["vocab_size"]!);
        }
        Assert.Equal(await File.ReadAllBytesAsync(folder["a/vectors.bin"]), await File.ReadAllBytesAsync(folder["b/vectors.bin"]));
    }

    [Theory]
    [InlineData(2, "There is no file or folder nowhere.", "neighbours", "nowhere", "word")]
    [InlineData(2, "\"rivver\" has no vector here; the file holds 4 words. Did you mean river?", "neighbours", "{file}", "rivver")]
    [InlineData(1, "{broken} says it holds 3 words and ends after 1; it was cut off.", "analogy", "{broken}", "a", "b", "c")]
    [InlineData(2, "--negative draws words and --hierarchical-softmax draws none; choose one.", "train", "--negative", "2", "--hierarchical-softmax")]
    [InlineData(2, "The subsampling threshold is 2; it is at least 0 and below 1.", "train", "--sample", "2")]
    [InlineData(1, "The text holds 5 words, and none that appears 5 times", "train", "--data", "{text}", "--out", "{out}")]
    [InlineData(2, "There is no file or folder nowhere.txt.", "train", "--data", "nowhere.txt")]
    public async Task What_is_wrong_is_said_and_nothing_is_written(int code, string message, params string[] args)
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(folder["file"], "river 1 2\nruns 2 1\nold 1 1\nits 0 1\n");
        await File.WriteAllTextAsync(folder["broken"], "3 1\nlonger-than-it-is 1.25\n");
        await File.WriteAllTextAsync(folder["text"], "too short to learn from\n");
        string Fill(string text) => text.Replace("{file}", folder["file"], StringComparison.Ordinal).Replace("{broken}", folder["broken"], StringComparison.Ordinal).Replace("{text}", folder["text"], StringComparison.Ordinal).Replace("{out}", folder["out"], StringComparison.Ordinal);
        var run = await CommandLineRun.Of(["vectors", .. args.Select(Fill)]);
        Assert.StartsWith(Fill(message), run.Error, StringComparison.Ordinal);
        Assert.Equal((code, ""), (run.Code, run.Output));
        Assert.False(Directory.Exists(folder["out"]));
    }
}
