using System.Text.Json.Nodes;
using Stemma.Tests.Text;
using Xunit;

namespace Stemma.Tests.Cli;

/// <summary>Trainers, comparison and chat templates from the command line.</summary>
public sealed class TokenizeCommandTests
{
    private static readonly string s_text = TextData.Fixture("trainer-corpus.txt");

    [Fact]
    public async Task Two_models_are_trained_and_compared()
    {
        using var folder = new TemporaryFolder();
        var (small, large, figure) = (Path.Combine(folder.Path, "a.model"), Path.Combine(folder.Path, "b.model"), Path.Combine(folder.Path, "f.svg"));
        var trained = await CommandLineRun.Of("tokenize", "train", "--data", s_text, "--tokenizer", "unigram", "--vocab-size", "500", "--memory", "50MB", "--out", small, "--json");
        Assert.Equal(500, (int)JsonNode.Parse(trained.Output)!["vocab_size"]!);
        Assert.Equal(0, (await CommandLineRun.Of("tokenize", "train", "--data", s_text, "--tokenizer", "sentencepiece-bpe", "--vocab-size", "900", "--out", large)).Code);
        var compared = JsonNode.Parse((await CommandLineRun.Of("tokenize", "compare", small, large, "--text", s_text, "--svg", figure, "--json")).Output)!["tokenizers"]!.AsArray();
        Assert.True((long)compared[0]!["tokens"]! > (long)compared[1]!["tokens"]!);
        Assert.All(compared, result => Assert.Equal(0, (int)result!["changed_texts"]!));
        Assert.Contains("tokens per byte", await File.ReadAllTextAsync(figure), StringComparison.Ordinal);
        var marked = Path.Combine(folder.Path, "marked.txt");
        await File.WriteAllTextAsync(marked, "Pieces such as ▁the.", TestContext.Current.CancellationToken);
        var changed = (await CommandLineRun.Of("tokenize", "compare", small, large, "--text", marked)).Output;
        Assert.Contains("b.model changes marked.txt, character 15: \"ces such as ▁the.\" reads back as \"ces such as  the.\"", changed, StringComparison.Ordinal);
        Assert.Contains("tokens/byte", (await CommandLineRun.Of("tokenize", "compare", small, large, "--text", s_text)).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_wordpiece_vocabulary_is_a_list_of_tokens()
    {
        using var folder = new TemporaryFolder();
        var file = Path.Combine(folder.Path, "vocab.txt");
        Assert.Equal(0, (await CommandLineRun.Of("tokenize", "train", "--data", s_text, "--tokenizer", "wordpiece", "--vocab-size", "300", "--out", file)).Code);
        var lines = await File.ReadAllLinesAsync(file);
        Assert.Equal(300, lines.Length);
        Assert.Equal("[PAD]", lines[0]);
        Assert.Contains(lines, line => line.StartsWith("##", StringComparison.Ordinal) && line.Length > 3);
    }

    [Fact]
    public async Task A_conversation_is_written_and_its_messages_are_found()
    {
        using var folder = new TemporaryFolder();
        var (template, messages) = (Path.Combine(folder.Path, "t.jinja"), Path.Combine(folder.Path, "m.json"));
        await File.WriteAllTextAsync(template, "{% for m in messages %}<{{ m.role }}>{{ m.content }}\n\n{% endfor %}");
        await File.WriteAllTextAsync(messages, """[{"role": "user", "content": "Hi [you]"}, {"role": "assistant", "content": "Yes"}]""");
        var run = JsonNode.Parse((await CommandLineRun.Of("tokenize", "chat", template, "--messages", messages, "--json")).Output)!;
        Assert.Equal("<user>Hi [you]\n\n<assistant>Yes\n\n", (string?)run["text"]);
        Assert.Equal(16, (int)run["messages"]![1]!["start"]!);
        Assert.Contains("<user>Hi [you]", (await CommandLineRun.Of("tokenize", "chat", template, "--messages", messages)).Output, StringComparison.Ordinal);
        await File.WriteAllTextAsync(messages, """[{"content": "Hi"}]""");
        var refused = await CommandLineRun.Of("tokenize", "chat", template, "--messages", messages);
        Assert.Equal(1, refused.Code);
        Assert.Contains("messages[0]", refused.Error, StringComparison.Ordinal);
        await File.WriteAllTextAsync(template, "\n{{ x | nonesuch }}");
        Assert.Contains("t.jinja:2:8:", (await CommandLineRun.Of("tokenize", "chat", template, "--messages", messages)).Error, StringComparison.Ordinal);
    }
}
