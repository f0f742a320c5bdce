namespace Stemma.Text.Corpora.Dotnet;

/// <summary>
/// The reference documentation of the installed .NET SDK: the newest reference packs, a document per type, a paragraph per member
/// with its signature, summary, parameters, results, remarks and exceptions. Real technical English on every machine that can
/// build .NET programs, without a download.
/// </summary>
/// <remarks>
/// Documents come in ordinal order of the types' full names. A member documented in two packs counts once (the base library's
/// pack comes first), and a file an earlier pack has under the same name is not read again. Nothing is said twice: a member of
/// which the same is said as of an earlier one is left out, and so is a line that its type has said already (overloads repeat
/// their parameters), and a type of which nothing remains. A type with its overloads is one document so that a held-out split does
/// not leak them. Read once and kept in memory, about two bytes a character.
/// </remarks>
public sealed class DotnetDocsCorpus : Corpus
{
    /// <summary>The name that stands for this corpus in a <c>--data</c> value.</summary>
    public const string CorpusName = "dotnet-docs";

    private readonly Lazy<IReadOnlyList<ReferencePack>> packs;
    private readonly Lazy<IReadOnlyList<Document>> documents;

    /// <summary>The documentation of an SDK.</summary>
    /// <param name="dotnetRoot">The folder of the <c>dotnet</c> host; null looks for the one in use, then for others installed.</param>
    public DotnetDocsCorpus(string? dotnetRoot = null)
    {
        packs = new(() => FindPacks(dotnetRoot));
        documents = new(() => ReadDocuments(Packs));
    }

    /// <inheritdoc/>
    public override string Name => CorpusName;

    /// <summary>The packs the documents are from.</summary>
    /// <exception cref="TextFormatException">No SDK with documentation is installed; the message tells the way out.</exception>
    public IReadOnlyList<ReferencePack> Packs => packs.Value;

    /// <inheritdoc/>
    public override IEnumerable<Document> Documents() => documents.Value;

    private static IReadOnlyList<ReferencePack> FindPacks(string? dotnetRoot)
    {
        foreach (var root in dotnetRoot is null ? DotnetInstallation.Candidates() : [dotnetRoot])
            if (ReferencePack.InstalledUnder(root) is { Count: > 0 } found) return found;
        throw new TextFormatException(
            $"No .NET SDK with reference documentation was found{(dotnetRoot is null ? "" : $" in {dotnetRoot}")} (packs/*.Ref/<version>/ref/net*/*.xml). " +
            "Install the .NET SDK or set DOTNET_ROOT to it, or choose other data with --data.");
    }

    private static List<Document> ReadDocuments(IReadOnlyList<ReferencePack> packs)
    {
        var names = new TypeNames();
        var renderer = new ProseRenderer(names);
        var types = new SortedDictionary<string, List<MemberDocumentation>>(StringComparer.Ordinal);
        HashSet<string> filesRead = new(StringComparer.OrdinalIgnoreCase);
        HashSet<MemberId> membersRead = [];
        foreach (var file in packs.SelectMany(pack => pack.Files).Where(file => filesRead.Add(Path.GetFileName(file))))
        {
            foreach (var member in DocumentationFile.Read(file, renderer))
            {
                if (member.Id.Kind is 'N' or '!' || !membersRead.Add(member.Id)) continue;
                if (!types.TryGetValue(member.Id.Type, out var members)) types.Add(member.Id.Type, members = []);
                if (member.Id.Kind == 'T')
                {
                    names.Learn(member.Id.Type, [.. member.TypeParameters.Select(parameter => parameter.Name)]);
                    members.Insert(0, member);
                }
                else if (member.HasText)
                {
                    members.Add(member);
                }
            }
        }

        return WriteDocuments(types, new MemberParagraph(names, renderer));
    }

    private static List<Document> WriteDocuments(SortedDictionary<string, List<MemberDocumentation>> types, MemberParagraph paragraph)
    {
        List<Document> documents = [];
        HashSet<string> bodies = new(StringComparer.Ordinal), written = new(StringComparer.Ordinal);
        foreach (var (type, members) in types)
        {
            HashSet<string> said = new(StringComparer.Ordinal);
            List<string> paragraphs = [];
            foreach (var member in members.Where(member => member.HasText))
            {
                var lines = paragraph.Lines(member);
                if (!bodies.Add(string.Join('\n', lines))) continue;
                lines.RemoveAll(line => !said.Add(line));
                if (lines.Count > 0 && $"{paragraph.Heading(member)}\n{string.Join('\n', lines)}" is var text && written.Add(text)) paragraphs.Add(text);
            }

            if (paragraphs.Count == 0) continue;
            if (members[0].Id.Kind != 'T' || !members[0].HasText) paragraphs.Insert(0, paragraph.Heading(new MemberDocumentation(MemberId.Parse($"T:{type}"))));
            documents.Add(new Document(type, string.Join("\n\n", paragraphs) + "\n"));
        }

        return documents;
    }
}
