using System.Buffers;
using System.Text;

namespace Stemma.Text.Corpora.Readers;

/// <summary>The encoding that a page names in its first kilobyte: <c>&lt;meta charset=…&gt;</c>, also inside a content type.</summary>
internal static class HtmlCharset
{
    private const int Searched = 1024;
    private static readonly SearchValues<char> Ends = SearchValues.Create("\"'; />\r\n");

    /// <summary>The name; empty where there is none.</summary>
    public static string Declared(ReadOnlySpan<byte> page)
    {
        var head = Encoding.Latin1.GetString(page[..Math.Min(Searched, page.Length)]);
        var meta = head.IndexOf("<meta", StringComparison.OrdinalIgnoreCase);
        return meta < 0 ? "" : InContentType(head[meta..]);
    }

    /// <summary>What stands after <c>charset=</c>.</summary>
    public static string InContentType(string value)
    {
        const string Field = "charset=";
        var at = value.IndexOf(Field, StringComparison.OrdinalIgnoreCase);
        if (at < 0) return "";
        var rest = value.AsSpan(at + Field.Length).TrimStart("\"' ");
        var end = rest.IndexOfAny(Ends);
        return (end < 0 ? rest : rest[..end]).ToString();
    }
}
