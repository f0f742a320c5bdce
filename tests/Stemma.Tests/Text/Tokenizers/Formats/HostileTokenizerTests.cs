using System.Diagnostics;
using System.IO.Compression;
using System.Text;
using System.Text.Json;
using Stemma.Text;
using Stemma.Text.Tokenizers;
using Stemma.Text.Tokenizers.Bpe;
using Stemma.Text.Tokenizers.Patterns;
using Stemma.Text.Tokenizers.PreTokenizers;
using Xunit;

namespace Stemma.Tests.Text.Tokenizers.Formats;

/// <summary>Files made to hang a reader or to fill its memory: each is refused in one sentence, in bounded time.</summary>
public sealed class HostileTokenizerTests
{
    private const string Rest = """ "pre_tokenizer": null, "post_processor": null, "decoder": null, "truncation": null, "padding": null, "added_tokens": [], "model": {"type": "WordLevel", "vocab": {"a": 0}, "unk_token": "a"}}""";

    [Fact]
    public void A_packed_bomb_is_not_unpacked()
    {
        using var folder = new TemporaryFolder();
        using (var file = File.Create(folder["r50k_base.tiktoken.gz"]))
        using (var packed = new GZipStream(file, CompressionLevel.Fastest))
        {
            var zeros = new byte[1 << 20];
            for (var i = 0; i < 80; i++) packed.Write(zeros);
        }

        Refused("unpacks to more than 64 MB", folder["r50k_base.tiktoken.gz"]);
    }

    [Fact]
    public void Lines_that_no_vocabulary_has_are_refused()
    {
        using var folder = new TemporaryFolder();
        Refused("line 1 has more than 1024 characters", folder.Write("r50k_base.tiktoken", new string('A', 2_000_000) + " 0\n"));
        Refused("line 3 has 5,000 characters", folder.Write("vocab.txt", "[UNK]\n[CLS]\n" + new string('a', 5000) + "\n"));
        folder.Write("vocab.json", $"{{{string.Join(',', Enumerable.Range(0, 256).Select(value => $"{JsonSerializer.Serialize(ByteAlphabet.Spell([(byte)value]))}:{value}"))}}}");
        Refused("has 9,001 characters", folder.Write("merges.txt", "#version: 0.2\n" + new string('a', 9000) + " \n"));
    }

    [Fact]
    public void Components_inside_components_ten_thousand_deep_are_refused()
    {
        using var folder = new TemporaryFolder();
        var deep = new StringBuilder("{\"normalizer\": ");
        for (var i = 0; i < 10_000; i++) deep.Append("""{"type":"Sequence","normalizers":[""");
        deep.Append("""{"type":"NFC"}""");
        for (var i = 0; i < 10_000; i++) deep.Append("]}");
        Refused("is not JSON", folder.Write("tokenizer.json", deep.Append(',').Append(Rest).ToString()));
    }

    [Fact]
    public void Numbers_beyond_measure_are_refused()
    {
        using var folder = new TemporaryFolder();
        Refused("truncation.max_length", folder.Write("a.json", "{\"normalizer\": null," + Rest.Replace("\"truncation\": null", """ "truncation": {"direction":"Right","max_length":1e300,"strategy":"LongestFirst","stride":0} """, StringComparison.Ordinal)));
        Refused("padding.strategy.Fixed", folder.Write("b.json", "{\"normalizer\": null," + Rest.Replace("\"padding\": null", """ "padding": {"strategy":{"Fixed":99999999999999999999},"direction":"Right","pad_to_multiple_of":null,"pad_id":0,"pad_type_id":0,"pad_token":"a"} """, StringComparison.Ordinal)));
    }

    [Fact]
    public void An_expression_that_would_backtrack_for_ever_does_not()
    {
        var watch = Stopwatch.StartNew();
        var text = new string('a', 5000) + "!";

        // Without backtracking where that can be: linear.
        Assert.NotEmpty(new SplitPreTokenizer(new RegexPattern("(a|aa)+$"), SplitBehavior.Isolated).Divide(text));
        Assert.InRange(watch.Elapsed.TotalSeconds, 0, 1.5);

        // A look ahead needs it: the time limit speaks.
        var error = Assert.Throws<TextFormatException>(() => new SplitPreTokenizer(new RegexPattern("(?=b)c|(a|aa)+$"), SplitBehavior.Isolated).Divide(text));
        Assert.Contains("took longer than", error.Message, StringComparison.Ordinal);
    }

    private static void Refused(string complaint, string path)
    {
        var error = Assert.Throws<TextFormatException>(() => Tokenizer.Load(path));
        Assert.Contains(complaint, error.Message, StringComparison.Ordinal);
        Assert.StartsWith(Path.GetDirectoryName(path)!, error.Message, StringComparison.Ordinal);
    }
}
