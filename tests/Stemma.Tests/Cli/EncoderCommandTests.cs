using System.Text.Json;
using Stemma.Numerics;
using Xunit;

namespace Stemma.Tests.Cli;

/// <summary><c>stemma pretrain</c> and <c>stemma finetune</c>: learn, save, resume, measure, and what they refuse.</summary>
public sealed class EncoderCommandTests
{
    [Theory, InlineData("mlm"), InlineData("electra")]
    public async Task An_encoder_is_pretrained_resumed_and_finetuned_to_classify(string objective)
    {
        using var folder = new TemporaryFolder();
        Write(folder);
        string[] pretrain = [
            "pretrain", "--data", folder["text.txt"], "--objective", objective, "--vocab-size", "270", "--layers", "1", "--hidden", "16", "--heads", "2", "--max-tokens", "16",
            "--steps", "8", "--batch-size", "4", "--out", folder["encoder"], "--json"];
        var run = await CommandLineRun.Of(pretrain);
        Assert.Equal("", run.Code == 0 ? "" : run.Error);
        Assert.Equal(1 + 8 + 4, run.Lines.Length);
        Assert.Contains("accuracy", run.Lines[^1], StringComparison.Ordinal);
        Assert.Equal(2, (await CommandLineRun.Of(pretrain)).Code);      // the folder is taken
        Assert.Equal(0, (await CommandLineRun.Of("pretrain", "--resume", folder["encoder"])).Code);     // and finished

        string[] tune = ["finetune", folder["encoder"], "--task", "classify", "--data", folder["train.tsv"], "--valid", folder["dev.tsv"], "--epochs", "6", "--batch-size", "8", "--max-tokens", "16", "--learning-rate", "0.01", "--out", folder["tuned"], "--json"];
        var tuned = await CommandLineRun.Of(tune);
        Assert.Equal("", tuned.Code == 0 ? "" : tuned.Error);
        Assert.InRange(JsonDocument.Parse(tuned.Lines[^1]).RootElement.GetProperty("best_accuracy").GetDouble(), 0.8, 1);
        var measured = await CommandLineRun.Of("finetune", "eval", folder["tuned"], "--data", folder["dev.tsv"], "--json");
        Assert.Equal(JsonDocument.Parse(tuned.Lines[^1]).RootElement.GetProperty("best_accuracy").GetDouble(), JsonDocument.Parse(measured.Output).RootElement.GetProperty("accuracy").GetDouble(), 1e-6);
    }

    [Fact]
    public async Task A_t5_learns_to_say_spans_and_its_folder_opens_again()
    {
        using var folder = new TemporaryFolder();
        Write(folder);
        var run = await CommandLineRun.Of(
            "pretrain", "--data", folder["text.txt"], "--objective", "span", "--vocab-size", "270", "--layers", "1", "--hidden", "16", "--heads", "2", "--max-tokens", "24", "--steps", "4", "--batch-size", "4", "--out", folder["t5"], "--json");
        Assert.Equal("", run.Code == 0 ? "" : run.Error);
        Assert.Contains("target's tokens", run.Lines[^1].Replace("\\u0027", "'", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.Contains("t5", (await CommandLineRun.Of("info", folder["t5"])).Output, StringComparison.Ordinal);
        Assert.NotNull(Stemma.Models.Checkpoints.EncoderDecoderCheckpoint.Load(folder["t5"]).Given(new[] { 5, 6 }));
        Assert.Contains("BertForMaskedLM", (await CommandLineRun.Of("info", "Fixtures/models/bert")).Output, StringComparison.Ordinal);
        Assert.Equal(2, (await CommandLineRun.Of("pretrain", "--data", folder["text.txt"], "--objective", "span", "--whole-words", "--out", folder["none"])).Code);
    }

    [Fact]
    public async Task Words_are_tagged_and_questions_answered()
    {
        using var folder = new TemporaryFolder();
        Write(folder);
        Assert.Equal(0, (await CommandLineRun.Of("pretrain", "--data", folder["text.txt"], "--vocab-size", "270", "--layers", "1", "--hidden", "16", "--heads", "2", "--max-tokens", "64", "--steps", "4", "--batch-size", "4", "--out", folder["encoder"])).Code);
        var tags = await CommandLineRun.Of("finetune", folder["encoder"], "--task", "tag", "--data", folder["train.conllu"], "--valid", folder["train.conllu"], "--epochs", "8", "--batch-size", "4", "--max-tokens", "32", "--learning-rate", "0.01", "--out", folder["tagged"], "--json");
        Assert.Equal("", tags.Code == 0 ? "" : tags.Error);
        Assert.InRange(JsonDocument.Parse(tags.Lines[^1]).RootElement.GetProperty("best_accuracy").GetDouble(), 0.8, 1);
        var answers = await CommandLineRun.Of("finetune", folder["encoder"], "--task", "qa", "--data", folder["questions.json"], "--valid", folder["questions.json"], "--epochs", "2", "--batch-size", "4", "--max-tokens", "40", "--out", folder["answered"], "--json");
        Assert.Equal("", answers.Code == 0 ? "" : answers.Error);
        var measured = JsonDocument.Parse((await CommandLineRun.Of("finetune", "eval", folder["answered"], "--data", folder["questions.json"], "--json")).Output).RootElement;
        Assert.InRange(measured.GetProperty("f1").GetDouble(), measured.GetProperty("exact_match").GetDouble(), 1);
    }

    [Fact]
    public async Task What_cannot_be_is_refused_in_a_sentence()
    {
        using var folder = new TemporaryFolder();
        Write(folder);
        await Refused(2, "no file", "pretrain", "--data", folder["none.txt"], "--out", folder["none"]);
        await Refused(2, "resume", "pretrain", "--resume", folder["none"]);
        await Refused(2, "--task", "finetune", folder["none"], "--data", "a", "--valid", "b");
        await Refused(2, "no folder", "finetune", folder["none"], "--task", "tag", "--data", folder["train.conllu"], "--valid", folder["train.conllu"], "--out", folder["none"]);
        await Refused(2, "--epochs", "finetune", "--resume", folder["none"], "--epochs", "3");
        await Refused(2, "no folder", "finetune", "eval", folder["none"], "--data", folder["dev.tsv"]);
        File.WriteAllText(folder["bad.tsv"], "a text\t1\nno label here\n");
        Directory.CreateDirectory(folder["empty"]);
        await Refused(1, "line 2", "finetune", folder["empty"], "--task", "classify", "--data", folder["bad.tsv"], "--valid", folder["dev.tsv"], "--out", folder["none"]);
        Assert.False(Directory.Exists(folder["none"]));

        static async Task Refused(int code, string named, params string[] args)
        {
            var run = await CommandLineRun.Of(args);
            Assert.Contains(named, run.Error, StringComparison.Ordinal);
            Assert.Equal(code, run.Code);
            Assert.Single(run.Error.TrimEnd().Split('\n'));
        }
    }

    private static void Write(TemporaryFolder folder)
    {
        var random = new RandomStream(3);
        string Words(int number) => string.Join(' ', Enumerable.Range(0, 6).Select(i => ((string[])["sun", "sea", "tree", "bird"])[(int)random.Below(4, (ulong)(10 * number + i))]));
        File.WriteAllText(folder["text.txt"], string.Join("\n", Enumerable.Range(0, 200).Select(Words)));
        foreach (var (name, count, first) in ((string, int, int)[])[("train", 80, 300), ("dev", 20, 500)])
            File.WriteAllLines(folder[$"{name}.tsv"], Enumerable.Range(first, count).Select(i => i % 2 == 0 ? $"good {Words(i)}\tyes" : $"bad {Words(i)}\tno"));
        File.WriteAllText(folder["train.conllu"], string.Concat(Enumerable.Range(0, 16).Select(i => "# a sentence\n" + string.Concat(Words(i).Split(' ').Select((word, place) => $"{place + 1}\t{word}\t_\t{(word.StartsWith('s') ? "NOUN" : "VERB")}\t_\t_\t_\t_\t_\t_\n")) + "\n")));
        var questions = Enumerable.Range(0, 8).Select(i => $$"""{"context":"the 😀 key is {{i}}{{i}} and the door is red","qas":[{"question":"what is the key","id":"{{i}}","answers":[{"text":"{{i}}{{i}}","answer_start":13}]}]}""");
        File.WriteAllText(folder["questions.json"], $$"""{"version":"1.1","data":[{"title":"t","paragraphs":[{{string.Join(',', questions)}}]}]}""");
    }
}
