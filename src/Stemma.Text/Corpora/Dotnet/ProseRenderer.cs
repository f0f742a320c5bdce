using System.Xml;

namespace Stemma.Text.Corpora.Dotnet;

/// <summary>
/// Turns the inside of an XML documentation element into prose. References become readable names; paragraphs, list items and
/// breaks become lines; code of one line stays in its sentence, and code of several lines is left out, since it is not prose.
/// </summary>
internal sealed class ProseRenderer(TypeNames names)
{
    private const char ReferenceStart = '\u0001';
    private const char ReferenceEnd = '\u0002';

    // Each level is a call in a call; documentation has a handful.
    private const int MostDepth = 256;
    private readonly ProseBuilder prose = new();

    /// <summary>The text of the element the reader stands on; leaves the reader at its end. Type references wait for <see cref="Resolve"/>.</summary>
    public string Read(XmlReader reader)
    {
        Children(reader);
        return prose.Take();
    }

    /// <summary>Gives type references their names, once the documentation of all types has been seen.</summary>
    public string Resolve(string text)
    {
        for (var start = text.IndexOf(ReferenceStart, StringComparison.Ordinal); start >= 0; start = text.IndexOf(ReferenceStart, StringComparison.Ordinal))
        {
            var end = text.IndexOf(ReferenceEnd, start);
            text = string.Concat(text.AsSpan(0, start), names.Short(text[(start + 1)..end]), text.AsSpan(end + 1));
        }

        return text;
    }

    private void Children(XmlReader reader)
    {
        if (reader.IsEmptyElement) return;
        var depth = reader.Depth;
        if (depth > MostDepth) throw new XmlException($"Elements are nested deeper than {MostDepth}.", null, (reader as IXmlLineInfo)?.LineNumber ?? 0, 0);
        while (reader.Read() && reader.Depth > depth)
        {
            if (reader.NodeType == XmlNodeType.Element) Element(reader);
            else if (reader.HasValue && reader.NodeType is not (XmlNodeType.Comment or XmlNodeType.ProcessingInstruction)) prose.Append(reader.Value);
        }
    }

    private void Element(XmlReader reader)
    {
        switch (reader.LocalName)
        {
            case "see" or "seealso" or "xref" or "a":
                Reference(reader);
                break;
            case "paramref" or "typeparamref":
                prose.Append(reader.GetAttribute("name") ?? "");
                PassOver(reader);
                break;
            case "code":
                Code(reader);
                break;
            case "forInternalUseOnly" or "script":
                PassOver(reader);
                break;
            case "item" or "li" or "listheader":
                prose.Break();
                prose.Append("- ");
                Children(reader);
                prose.Break();
                break;
            case "term":
                Term(reader);
                break;
            case "para" or "p" or "div" or "list" or "ul" or "ol" or "br" or "remarks":
                prose.Break();
                Children(reader);
                prose.Break();
                break;
            default:
                Children(reader);
                break;
        }
    }

    private void Term(XmlReader reader)
    {
        var before = prose.Length;
        Children(reader);
        if (prose.Length > before) prose.Append(": ");
    }

    private void Reference(XmlReader reader)
    {
        var id = reader.GetAttribute("cref") ?? reader.GetAttribute("uid");
        var other = reader.GetAttribute("langword") ?? reader.GetAttribute("href") ?? "";
        var before = prose.Length;
        Children(reader);
        if (prose.Length == before) prose.Append(id is null ? other : NameOf(id));
    }

    private void Code(XmlReader reader)
    {
        if (reader.IsEmptyElement) return;
        var depth = reader.Depth;
        List<string> parts = [];
        while (reader.Read() && reader.Depth > depth)
            if (reader.HasValue) parts.Add(reader.Value);
        var code = string.Concat(parts).Trim();
        if (code.Contains('\n', StringComparison.Ordinal)) prose.Break();
        else prose.Append(code);
    }

    private static string NameOf(string reference)
    {
        var id = MemberId.Parse(reference);
        if (id.Kind is 'N' or '!') return MemberId.Bare(id.Type).Name;
        var type = $"{ReferenceStart}{id.Type}{ReferenceEnd}";
        if (id.Kind == 'T' || id.Name is "#ctor" or "#cctor") return type;
        return $"{type}.{MemberId.Bare(id.Name.Replace("op_", "", StringComparison.Ordinal)).Name}";
    }

    // Stops at the element's end, where XmlReader.Skip goes one further.
    private static void PassOver(XmlReader reader)
    {
        if (reader.IsEmptyElement) return;
        var depth = reader.Depth;
        while (reader.Read() && reader.Depth > depth)
        {
        }
    }
}
