using System.Text;
using Stemma.Text;
using Stemma.Text.Corpora.Readers;
using Xunit;

namespace Stemma.Tests.Text.Corpora.Readers;

/// <summary>Every format gives the documents that are in it; what is broken is counted, has a position, and is skipped.</summary>
public sealed class ReaderTests
{
    [Fact]
    public void Text_comes_whole_by_lines_and_by_paragraphs()
    {
        const string Text = "one\r\ntwo\n\n \nthree";
        Assert.Equal([Text], Reading.Of(new WholeFileReader(), Text).Texts);
        Assert.Equal(["one", "two", "three"], Reading.Of(new LinesReader(), Text).Texts);
        var paragraphs = Reading.Of(new ParagraphsReader(), Text);
        Assert.Equal(["one\ntwo", "three"], paragraphs.Texts);
        Assert.Equal([0L, 12], paragraphs.Documents.Select(document => document.Position));
        Assert.Equal(["file:1", "file:5"], paragraphs.Documents.Select(document => document.Name));
    }

    [Fact]
    public void A_line_that_is_not_text_is_skipped_and_told()
    {
        byte[] bytes = [.. "good\n"u8, 0xFF, 0xFE, (byte)'\n', .. "bin\0ary\nfine\n"u8];
        var lines = Reading.Of(new LinesReader(), bytes);
        Assert.Equal(["good", "fine"], lines.Texts);
        Assert.Equal([(5L, "line 2: it is not UTF-8"), (8L, "line 3: it holds a NUL: it is not text")], lines.Log.Problems.Select(problem => (problem.Position, problem.Reason)));
        Assert.Equal((2L, 2L), (lines.Log.RecordCount, lines.Log.BrokenCount));
        Assert.Equal(1, Reading.Of(new WholeFileReader(), bytes).Log.BrokenCount);
        Assert.Equal(1, Reading.Of(new ParagraphsReader(), bytes).Log.BrokenCount);
    }

    [Fact]
    public void JSON_lines_give_the_fields_that_were_asked_for()
    {
        const string Lines = """
            {"id": 7, "text": "first", "meta": {"text": "inner", "tags": ["text", {"text": "deep"}]}}
            {"meta": {"text": "only inner"}}
            {"text": 5}

            not json
            {"text": ""}
            {"text": "last", "id": "z"}
            """;
        var plain = Reading.Of(new JsonLinesReader(["text"], "id"), Lines);
        Assert.Equal(["first", "last"], plain.Texts);
        Assert.Equal(["7", "z"], plain.Documents.Select(document => document.Name));
        Assert.Equal(4, plain.Log.BrokenCount);
        Assert.StartsWith("line 5: it is not JSON", plain.Log.Problems[2].Reason, StringComparison.Ordinal);
        Assert.Equal(Encoding.UTF8.GetByteCount(string.Join('\n', Lines.Split('\n')[..4]) + "\n"), plain.Log.Problems[2].Position);
        Assert.Equal(["first\n\ninner", "only inner", "last"], Reading.Of(new JsonLinesReader(["text", "meta.text"]), Lines).Texts);
    }

    [Fact]
    public void Tables_follow_RFC_4180()
    {
        const string Table = "id,title,body\r\n1,\"a, b\",\"he said \"\"no\"\"\r\nand left\"\r\n2,plain,x\r\n3\r\n4,,y\r\n5,open,\"never closed\r\n";
        var rows = Reading.Of(new DelimitedReader(',', ["title", "body"]), Table);
        Assert.Equal(["a, b\n\nhe said \"no\"\nand left", "plain\n\nx", "y"], rows.Texts);
        Assert.Equal(["row of line 5: it has 1 columns, column 2 is wanted", "row of line 7: its quotation mark is not closed before the end of the file"], rows.Log.Problems.Select(problem => problem.Reason));
        Assert.Equal(["b", "d"], Reading.Of(new DelimitedReader('\t', ["2"], hasHeading: false, quoted: false), "a\tb\n\"c\td\n").Texts);
        Assert.Equal("there is no column text; it is one of id, title, body", Reading.Of(new DelimitedReader(',', ["text"]), Table).Log.Problems.Single().Reason);
    }

    [Fact]
    public void Documentation_comes_a_type_at_a_time_and_ends_where_it_is_broken()
    {
        const string Xml = """
            <doc><members>
            <member name="T:A.B"><summary>A type.</summary></member>
            <member name="M:A.B.C(System.Int32)"><summary>Does <see cref="T:A.D"/>.</summary></member>
            <member name="T:A.D"><summary>Another.</summary></member>
            <member name="T:A.E"><summary>Broken</member>
            """;
        var types = Reading.Of(new XmlDocumentationReader(), Xml);
        Assert.Equal(["file:A.B", "file:A.D"], types.Documents.Select(document => document.Name));
        Assert.Contains("Does D.", types.Texts[0], StringComparison.Ordinal);
        Assert.Equal("the rest of the file is not well-formed XML of documentation (line 5)", types.Log.Problems.Single().Reason);
        var deep = "<doc><members><member name=\"T:A.B\"><summary>" + string.Concat(Enumerable.Repeat("<b>", 10_000)) + string.Concat(Enumerable.Repeat("</b>", 10_000)) + "</summary></member></members></doc>";
        Assert.Equal(1, Reading.Of(new XmlDocumentationReader(), deep).Log.BrokenCount);
    }

    [Fact]
    public void A_page_is_read_in_the_encoding_that_it_names()
    {
        byte[] page = [.. "<html><meta charset=\"windows-1252\"><p>caf"u8, 0xE9, 0x93];
        var read = Reading.Of(new WholeFileReader(Markup.Html), page);
        Assert.EndsWith("café\u201C", read.Texts.Single(), StringComparison.Ordinal);
        Assert.Equal(Markup.Html, read.Documents[0].Markup);
        Assert.Equal("its encoding koi8-r is not read here", Reading.Of(new WholeFileReader(Markup.Html), "<meta charset=koi8-r>").Log.Problems.Single().Reason);
    }

    [Fact]
    public void Packed_files_unpack_member_by_member_and_other_packings_are_refused()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder["a.jsonl.gz"], Reading.Packed("{\"text\":\"one\"}\n", "{\"text\":\"two\"}\n"));
        Assert.Equal(["one", "two"], new JsonLinesReader(["text"]).ReadFile(folder["a.jsonl.gz"], "a", ReadLimits.Usual, new()).Select(document => document.Text));
        File.WriteAllText(folder["a.zst"], "");
        var refused = Assert.Throws<TextFormatException>(() => new LinesReader().ReadFile(folder["a.zst"], "a", ReadLimits.Usual, new()).ToList());
        Assert.Contains("zstd -d", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_is_cut_off_gives_what_came_before()
    {
        using var folder = new TemporaryFolder();
        var random = new Random(1);
        var lines = string.Concat(Enumerable.Range(0, 20_000).Select(_ => $"{random.Next()} {random.Next()}\n"));
        var packed = Reading.Packed(lines);
        File.WriteAllBytes(folder["a.txt.gz"], packed[..(packed.Length / 2)]);
        var log = new ReadLog();
        var read = new LinesReader().ReadFile(folder["a.txt.gz"], "a", ReadLimits.Usual, log).Select(document => document.Text).ToList();
        Assert.InRange(read.Count, 5_000, 15_000);
        Assert.Equal(lines.Split('\n').Take(read.Count - 1), read.Take(read.Count - 1));
        packed[packed.Length / 2] ^= 0xFF;
        packed[packed.Length / 2 + 1] ^= 0xFF;
        File.WriteAllBytes(folder["b.txt.gz"], packed);
        _ = new LinesReader().ReadFile(folder["b.txt.gz"], "b", ReadLimits.Usual, log = new()).Count();
        Assert.Equal(1, log.BrokenCount);
        Assert.Contains("cannot be unpacked", log.Problems[0].Reason, StringComparison.Ordinal);
    }
}
