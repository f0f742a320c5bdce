using System.Xml;

namespace Stemma.Text.Corpora.Dotnet;

/// <summary>Reads the members of an XML documentation file, one at a time.</summary>
internal static class DocumentationFile
{
    public static IEnumerable<MemberDocumentation> Read(string path, ProseRenderer renderer)
    {
        using var stream = File.OpenRead(path);
        using var reader = XmlReader.Create(stream, new XmlReaderSettings { DtdProcessing = DtdProcessing.Prohibit, IgnoreComments = true });
        foreach (var member in Read(reader, path, renderer)) yield return member;
    }

    /// <summary>Reads from an open reader; what is not well-formed ends it with an error that calls the source <paramref name="path"/>.</summary>
    public static IEnumerable<MemberDocumentation> Read(XmlReader reader, string path, ProseRenderer renderer)
    {
        while (Next(reader, path))
            if (reader.NodeType == XmlNodeType.Element && reader.LocalName == "member" && reader.GetAttribute("name") is { Length: > 2 } name)
                yield return Member(reader, path, MemberId.Parse(name), renderer);
    }

    private static MemberDocumentation Member(XmlReader reader, string path, MemberId id, ProseRenderer renderer)
    {
        var member = new MemberDocumentation(id);
        if (reader.IsEmptyElement) return member;
        var depth = reader.Depth;
        while (Next(reader, path) && reader.Depth > depth)
        {
            if (reader.NodeType != XmlNodeType.Element) continue;
            var element = reader.LocalName;
            var name = reader.GetAttribute("name") ?? "";
            var exception = reader.GetAttribute("cref") ?? "";
            var text = Prose(reader, path, renderer);
            switch (element)
            {
                case "typeparam":
                    member.TypeParameters.Add((name, text));
                    break;
                case "param":
                    member.Parameters.Add((name, text));
                    break;
                case "summary":
                    member.Summary = text;
                    break;
                case "exception" when text.Length > 0:
                    member.Exceptions.Add((MemberId.Bare(MemberId.LastPart(exception)).Name, text));
                    break;
                case "returns" or "value" when text.Length > 0:
                    member.Sections.Add((element == "returns" ? "Returns" : "Value", text));
                    break;
                case "remarks" or "remark" or "example" or "examples" when text.Length > 0:
                    member.Sections.Add(("", text));
                    break;
            }
        }

        return member;
    }

    private static string Prose(XmlReader reader, string path, ProseRenderer renderer)
    {
        try
        {
            return renderer.Read(reader);
        }
        catch (XmlException exception)
        {
            throw Damaged(path, exception);
        }
    }

    private static bool Next(XmlReader reader, string path)
    {
        try
        {
            return reader.Read();
        }
        catch (XmlException exception)
        {
            throw Damaged(path, exception);
        }
    }

    private static TextFormatException Damaged(string path, XmlException exception) =>
        new($"{path} is not well-formed XML (line {exception.LineNumber}). Repair the .NET SDK, or choose other data.", exception);
}
