using System.Text;
using Stemma.Text;
using Stemma.Text.Corpora;
using Stemma.Text.Corpora.Dotnet;
using Stemma.Text.Tokenizers.Bpe;
using Stemma.Text.Tokenizers.SentencePiece;
using Stemma.Text.Tokenizers.Unigram;
using Xunit;

namespace Stemma.Tests.Text.Corpora;

public sealed class CorpusTests
{
    [Fact]
    public void A_file_is_one_document_without_its_byte_order_mark()
    {
        using var folder = new TemporaryFolder();
        var path = folder.Write("notes.txt", [0xEF, 0xBB, 0xBF, .. "grün\r\n"u8]);
        Assert.Equal(new Document("notes.txt", "grün\r\n"), Assert.Single(Corpus.Open(path).Documents()));
    }

    [Theory]
    [InlineData(new byte[] { (byte)'c', (byte)'a', (byte)'f', 0xE9 }, "(byte 0xE9 at offset 3)", "caf\ufffd")]
    [InlineData(new byte[] { 0xEF, 0xBB, 0xBF, (byte)'a', 0xC3, (byte)'b' }, "(byte 0xC3 at offset 4)", "a\ufffdb")]
    [InlineData(new byte[] { 0xFF, 0xFE, (byte)'a', 0 }, "(byte 0xFF at offset 0)", "\ufffd\ufffda\0")]
    [InlineData(new byte[] { 0xC3, 0xA9, 0xED, 0xA0, 0x80 }, "(byte 0xED at offset 2)", "é\ufffd\ufffd\ufffd")]
    public void Bytes_that_are_not_utf8_are_named_or_replaced(byte[] bytes, string place, string lossy)
    {
        using var folder = new TemporaryFolder();
        var path = folder.Write("café.txt", bytes);
        var error = Assert.Throws<TextFormatException>(() => Corpus.Open(path).Documents().ToList());
        Assert.Equal($"{path} is not UTF-8 {place}. Convert it, or add --lossy.", error.Message);
        Assert.Equal(lossy, Corpus.Open(path, lossy: true).Documents().Single().Text);
    }

    [Fact]
    public void Stretches_joined_are_the_document_and_training_on_them_is_the_same()
    {
        using var folder = new TemporaryFolder();
        var random = new Random(8);
        var text = string.Concat(Enumerable.Range(0, 300).Select(i => $"the small cat {i}\r\n\tsat  on größer {RandomText.Next(random, 3)} 漢字漢字漢字漢字漢字漢字漢字漢字漢字\n"));
        var path = folder.Write("notes.txt", [0xEF, 0xBB, 0xBF, .. Encoding.UTF8.GetBytes(text)]);
        text = Assert.Single(Corpus.Open(path).Documents()).Text;
        foreach (var blockLength in (int[])[16, 61, 1000, 1 << 20])
        {
            var stretches = StretchReader.Read(path, lossy: false, blockLength).ToList();
            Assert.Equal(text, string.Concat(stretches.Select(stretch => stretch.Text)));
            Assert.Equal(Enumerable.Range(0, stretches.Count).Select(i => i > 0), stretches.Select(stretch => stretch.IsContinuation));
            Assert.All(stretches, stretch => Assert.NotEmpty(stretch.Text));
            if (blockLength == 61) Assert.True(stretches.Count > text.Length / 200);
            if (blockLength != 1000) continue;
            var options = new SentencePieceOptions { CharacterCoverage = 0.9 };
            Assert.Equal(new BpeTrainer { VocabSize = 320 }.Train([text]).Hash, new BpeTrainer { VocabSize = 320 }.Train(stretches).Hash);
            Assert.Equal(new UnigramTrainer { VocabSize = 340, Options = options }.Train([text]).Hash, new UnigramTrainer { VocabSize = 340, Options = options }.Train(stretches).Hash);
        }

        folder.Write("b/second.txt", "of another file");
        Assert.Equal([(false, text), (false, "of another file")], Corpus.Open(folder.Path).Stretches().Select(stretch => (stretch.IsContinuation, stretch.Text)).Order(Comparer<(bool, string Text)>.Create((x, y) => y.Text.Length - x.Text.Length)));
        folder.Write("wrong.txt", [.. Encoding.UTF8.GetBytes("größe größe"), 0xE9, .. "and more"u8]);
        Assert.Contains("(byte 0xE9 at offset 15)", Assert.Throws<TextFormatException>(() => StretchReader.Read(folder["wrong.txt"], lossy: false, 8).Count()).Message, StringComparison.Ordinal);
        Assert.Equal("größe größe\ufffdand more", string.Concat(StretchReader.Read(folder["wrong.txt"], lossy: true, 8).Select(stretch => stretch.Text)));
        Assert.Contains("is empty", Assert.Throws<TextFormatException>(() => Corpus.Open(folder.Write("empty.txt", "")).Stretches().Count()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_gives_its_text_files_by_name()
    {
        using var folder = new TemporaryFolder();
        foreach (var name in (string[])["b.txt", "a/z.md", "a.txt", "B.TXT", "image.png", ".hidden.txt", ".git/x.txt", "empty.txt"])
            folder.Write(name, name == "empty.txt" ? "" : name);
        Assert.Equal(["B.TXT", "a.txt", "a/z.md", "b.txt"], Corpus.Open(folder.Path).Documents().Select(document => document.Name));
    }

    [Theory]
    [InlineData("*.cs", "a.cs")]
    [InlineData("**/*.cs", "a.cs s/b.cs s/t/c.cs s/t/dd.cs")]
    [InlineData("s/**/?.cs", "b.cs t/c.cs")]
    [InlineData("s/*/*.cs", "t/c.cs t/dd.cs")]
    [InlineData("**/t/**", "s/t/c.cs s/t/dd.cs s/t/e.md")]
    [InlineData("*/t/*c*.c*s", "s/t/c.cs")]
    [InlineData(".h/*.cs", "x.cs")]
    public void A_glob_gives_what_it_says(string pattern, string expected)
    {
        using var folder = new TemporaryFolder();
        foreach (var name in (string[])["a.cs", "s/b.cs", "s/t/c.cs", "s/t/dd.cs", "s/t/e.md", ".h/x.cs", "s/.i.cs"]) folder.Write(name, name);
        var names = Corpus.Open($"{folder.Path}/{pattern}").Documents().Select(document => document.Name);
        Assert.Equal(expected, string.Join(' ', names));
    }

    [Fact]
    public void Standard_input_is_read_once()
    {
        var opened = 0;
        var corpus = new StandardInputCorpus(() =>
        {
            opened++;
            return new MemoryStream(Encoding.UTF8.GetBytes("piped"));
        });
        Assert.Equal("piped", corpus.Documents().Single().Text);
        Assert.Equal(corpus.Documents(), corpus.Documents());
        Assert.Equal(1, opened);
        Assert.Equal("Standard input is empty.", Assert.Throws<TextFormatException>(() => new StandardInputCorpus(() => new MemoryStream()).Documents().ToList()).Message);
    }

    [Fact]
    public void What_is_missing_or_empty_is_said_in_one_sentence()
    {
        using var folder = new TemporaryFolder();
        Directory.CreateDirectory(folder["none"]);
        Assert.StartsWith("There is no file or folder nowhere.txt.", Assert.Throws<FileNotFoundException>(() => Corpus.Open("nowhere.txt")).Message, StringComparison.Ordinal);
        Assert.EndsWith("empty.txt is empty.", Complaint(folder.Write("empty.txt", "")), StringComparison.Ordinal);
        Assert.Contains("holds no text files", Complaint(folder["none"]), StringComparison.Ordinal);
        Assert.StartsWith("No file matches", Complaint(folder["*.cs"]), StringComparison.Ordinal);
        Assert.StartsWith("No file matches", Complaint(folder["nowhere/*.cs"]), StringComparison.Ordinal);
        Assert.StartsWith("All 1 text files of", Complaint(folder.Path), StringComparison.Ordinal);
    }

    [Fact]
    public void Its_name_opens_the_dotnet_documentation() => Assert.IsType<DotnetDocsCorpus>(Corpus.Open("dotnet-docs"));

    private static string Complaint(string data) => Assert.Throws<TextFormatException>(() => Corpus.Open(data).Documents().ToList()).Message;
}
