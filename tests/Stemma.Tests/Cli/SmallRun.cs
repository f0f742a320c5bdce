using Xunit;

namespace Stemma.Tests.Cli;

/// <summary>A small text and options that train on it in a moment.</summary>
internal static class SmallRun
{
    private static readonly string[] Words = ["the", "river", "runs", "under", "old", "bridges", "and", "nobody", "counts", "its", "stones"];

    /// <summary>Some kilobytes of lines that are not all alike.</summary>
    public static string Text { get; } = string.Concat(Enumerable.Range(0, 900).Select(i => Words[i * i % 11] + (i % 7 == 6 ? ".\n" : " ")));

    /// <summary>The options after <c>train</c>.</summary>
    public static string[] Options(string data, string folder, int steps = 4) =>
    [
        "--data", data, "--tokenizer", "char", "--steps", $"{steps}", "--batch-size", "2", "--out", folder, "--threads", "1",
        "--set", "model.layer_count=1", "--set", "model.head_count=2", "--set", "model.hidden_size=16", "--set", "model.context_length=16",
        "--set", "evaluation_interval=2", "--set", "sample_tokens=8", "--set", "schedule.warmup_steps=2",
    ];

    /// <summary>Writes the text and trains on it; the folder is <c>run</c>.</summary>
    public static async Task<CommandLineRun> Train(TemporaryFolder folder, params string[] more)
    {
        await File.WriteAllTextAsync(folder["text.txt"], Text);
        var run = await CommandLineRun.Of(["train", .. Options(folder["text.txt"], folder["run"]), .. more]);
        Assert.Equal("", run.Error);
        Assert.Equal(0, run.Code);
        return run;
    }
}
