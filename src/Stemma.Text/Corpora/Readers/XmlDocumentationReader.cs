using System.Xml;
using Stemma.Text.Corpora.Dotnet;

namespace Stemma.Text.Corpora.Readers;

/// <summary>The XML documentation files of .NET: the members of a type that follow one another are one document.</summary>
public sealed class XmlDocumentationReader : DocumentReader
{
    private protected override IEnumerable<RawDocument> Records(CountingStream stream, string file, ReadLimits limits, ReadLog log)
    {
        var names = new TypeNames();
        var renderer = new ProseRenderer(names);
        var paragraph = new MemberParagraph(names, renderer);
        using var xml = XmlReader.Create(stream, new XmlReaderSettings { DtdProcessing = DtdProcessing.Prohibit, IgnoreComments = true, CloseInput = false });
        var (type, text, position, length) = ("", new List<string>(), 0L, 0L);
        using var members = DocumentationFile.Read(xml, file, renderer).GetEnumerator();
        while (true)
        {
            var (member, wrong) = Next(members);
            if (wrong is not null) log.Skip(file, stream.Count, wrong);
            if (member is null || member.Id.Type != type)
            {
                if (length > limits.RecordBytes) log.Skip(file, position, $"the type {type} has more than {limits.RecordBytes:N0} characters");
                else if (text.Count > 0) yield return new($"{file}:{type}", string.Join("\n\n", text) + "\n", position);
                if (member is null) yield break;
                (type, position, length) = (member.Id.Type, stream.Count, 0);
                text.Clear();
            }

            if (member.Id.Kind is 'N' or '!' || !member.HasText) continue;
            if (member.Id.Kind == 'T') names.Learn(type, [.. member.TypeParameters.Select(parameter => parameter.Name)]);
            var lines = $"{paragraph.Heading(member)}\n{string.Join('\n', paragraph.Lines(member))}";
            length += lines.Length;
            if (length <= limits.RecordBytes) text.Add(lines);
        }
    }

    private static (MemberDocumentation? Member, string? Wrong) Next(IEnumerator<MemberDocumentation> members)
    {
        try
        {
            return members.MoveNext() ? (members.Current, null) : (null, null);
        }
        catch (TextFormatException error)
        {
            var line = (error.InnerException as XmlException)?.LineNumber ?? 0;
            return (null, $"the rest of the file is not well-formed XML of documentation (line {line})");
        }
    }
}
