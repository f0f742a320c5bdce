using System.Text;
using Xunit;

namespace Stemma.Tests.Cli;

public sealed class BadInputTests
{
    [Theory]
    [InlineData("There is no `stemma trian`. Did you mean train?", "trian")]
    [InlineData("`stemma train` has no option --stpes. Did you mean --steps?", "train", "--stpes", "3")]
    [InlineData("Unknown setting model.layer_cuont. Did you mean model.layer_count? (`stemma train --help settings` lists all ", "train", "--set", "model.layer_cuont=8")]
    [InlineData("steps is \"many\"; it must be a whole number.", "train", "--steps", "many")]
    [InlineData("steps is 0; it must be positive.", "train", "--steps", "0")]
    [InlineData("There is no preset bady. Did you mean baby?", "train", "--preset", "bady")]
    [InlineData("There is no folder nowhere to resume.", "train", "--resume", "nowhere")]
    [InlineData("--resume goes on with a run as it was begun; --steps cannot change it.", "train", "--resume", "nowhere", "--steps", "3")]
    [InlineData("There is no file or folder nowhere.txt.", "train", "--data", "nowhere.txt")]
    [InlineData("There is no tokenizer wordparts.", "train", "--tokenizer", "wordparts")]
    [InlineData("tokenizer.vocab_size belongs to tokenizer.kind bpe or word or unigram or sentencepiece-bpe or wordpiece; this run has char.", "train", "--tokenizer", "char", "--vocab-size", "500")]
    [InlineData("There is no file nowhere.json.", "train", "--config", "nowhere.json")]
    [InlineData("precision is \"float8\"; it is one of float32, bfloat16.", "train", "--precision", "float8")]
    [InlineData("--threads is \"-1\"; it must be a whole number from 0 to 64.", "train", "--threads", "-1")]
    [InlineData("--time is \"soon\"; it is a time such as 90s, 4m or 1h30m.", "train", "--time", "soon")]
    [InlineData("--time is \"0m\"; it is a time such as 90s, 4m or 1h30m.", "train", "--time", "0m")]
    [InlineData("--lr-range takes --steps, not --time.", "train", "--time", "1m", "--lr-range")]
    [InlineData("There is no folder nowhere.", "eval", "nowhere")]
    [InlineData("There is no folder nowhere.", "generate", "nowhere")]
    [InlineData("--temperature is \"hot\"; it must be a number of at least 0.", "generate", "nowhere", "--temperature", "hot")]
    [InlineData("--precision is float32 or bfloat16, not \"int8\".", "eval", "nowhere", "--precision", "int8")]
    [InlineData("There is no file or folder nowhere.", "info", "nowhere")]
    [InlineData("There is no tokenizer at nowhere.json.", "tokenize", "encode", "nowhere.json", "text")]
    [InlineData("--vocab-size belongs to --tokenizer bpe", "tokenize", "train", "--tokenizer", "char", "--vocab-size", "300")]
    [InlineData("\"third\" is one argument too many.", "tokenize", "encode", "a.json", "text", "third")]
    public async Task Misuse_is_one_sentence_and_exit_code_2(string message, params string[] args)
    {
        var run = await CommandLineRun.Of(args);
        Assert.StartsWith(message, run.Error, StringComparison.Ordinal);
        Assert.Single(run.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.Equal(2, run.Code);
        Assert.Equal("", run.Output);
    }

    [Theory]
    [InlineData("", 1, "text.txt is empty.")]
    [InlineData("Zu kurz.", 2, "text.txt holds 8 bytes")]
    public async Task Too_little_text_leaves_nothing_behind(string text, int code, string message)
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(folder["text.txt"], text);
        await Refused(folder, code, message);
    }

    [Fact]
    public async Task A_text_that_one_batch_would_know_by_heart_is_refused()
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(folder["text.txt"], SmallRun.Text[..500]);
        foreach (string[] more in (string[][])[[], ["--tokenizer", "char"]])
        {
            var run = await CommandLineRun.Of(["train", "--data", folder["text.txt"], "--out", folder["run"], .. more]);
            Assert.Equal(2, run.Code);
            Assert.Matches("^.*text\\.txt holds 500 bytes, [0-9]+ tokens of them to train on; a context of 128 tokens needs at least [1-9] KB of text\\. Use --set model\\.context_length=(16|32|64), or more text\\.\n$", run.Error.ReplaceLineEndings("\n"));
            Assert.False(Directory.Exists(folder["run"]));
        }
    }

    [Fact]
    public async Task Text_that_is_not_utf8_leaves_nothing_behind_unless_lossy()
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllBytesAsync(folder["text.txt"], [.. "caf"u8, 0xE9, .. Encoding.ASCII.GetBytes(SmallRun.Text)]);
        await Refused(folder, 1, "text.txt is not UTF-8 (byte 0xE9 at offset 3). Convert it, or add --lossy.");
        var lossy = await CommandLineRun.Of(["train", .. SmallRun.Options(folder["text.txt"], folder["run"]), "--lossy"]);
        Assert.Equal(0, lossy.Code);
    }

    [Fact]
    public async Task A_folder_that_holds_a_run_is_not_overwritten()
    {
        using var folder = new TemporaryFolder();
        await SmallRun.Train(folder);
        var before = await File.ReadAllBytesAsync(folder["run/model.safetensors"]);
        var run = await CommandLineRun.Of(["train", .. SmallRun.Options(folder["text.txt"], folder["run"])]);
        Assert.Equal(2, run.Code);
        Assert.Contains("already holds a run", run.Error, StringComparison.Ordinal);
        Assert.Equal(before, await File.ReadAllBytesAsync(folder["run/model.safetensors"]));
    }

    [Fact]
    public async Task Resuming_a_folder_that_is_no_run_is_refused()
    {
        using var folder = new TemporaryFolder();
        var run = await CommandLineRun.Of("train", "--resume", folder.Path);
        Assert.Equal(2, run.Code);
        Assert.Contains("holds no run", run.Error, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFileSystemEntries(folder.Path));
    }

    [Fact]
    public async Task Damaged_weights_are_named()
    {
        using var folder = new TemporaryFolder();
        await SmallRun.Train(folder);
        var file = folder["run/model.safetensors"];
        var good = await File.ReadAllBytesAsync(file);
        foreach (var (damaged, verb) in new[] { (good[..^100], "eval"), (good[..4], "info"), ([], "generate"), (Flipped(good, 5), "eval"), (Flipped(good, good.AsSpan().IndexOf("F32"u8)), "eval"), (Flipped(good, good.AsSpan().IndexOf("wte"u8)), "info") })
        {
            await File.WriteAllBytesAsync(file, damaged);
            var run = await CommandLineRun.Of(verb == "generate" ? [verb, folder["run"], "--prompt", "the"] : [verb, folder["run"]]);
            Assert.Equal(1, run.Code);
            Assert.Contains("model.safetensors", run.Error, StringComparison.Ordinal);
            Assert.DoesNotContain("unexpected", run.Error, StringComparison.Ordinal);
            Assert.DoesNotContain("   at ", run.Error, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_tokenizer_of_another_model_is_refused()
    {
        using var folder = new TemporaryFolder();
        await SmallRun.Train(folder);
        Assert.Equal(0, (await CommandLineRun.Of("tokenize", "train", "--data", folder["text.txt"], "--vocab-size", "300", "--out", folder["run/tokenizer.json"])).Code);
        foreach (var args in (string[][])[["eval", folder["run"]], ["generate", folder["run"], "--prompt", "the"], ["info", folder["run"]]])
        {
            var run = await CommandLineRun.Of(args);
            Assert.Equal(1, run.Code);
            Assert.Contains("do not belong together", run.Error, StringComparison.Ordinal);
        }
    }

    private static async Task Refused(TemporaryFolder folder, int code, string message)
    {
        var run = await CommandLineRun.Of(["train", .. SmallRun.Options(folder["text.txt"], folder["run"])]);
        Assert.Contains(message, run.Error, StringComparison.Ordinal);
        Assert.Single(run.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.Equal(code, run.Code);
        Assert.False(Directory.Exists(folder["run"]));
    }

    private static byte[] Flipped(byte[] bytes, int at)
    {
        byte[] copy = [.. bytes];
        copy[at] ^= 0x10;
        return copy;
    }
}
