using System.Security.Cryptography;
using System.Text;
using Stemma.Text.Corpora;
using Stemma.Text.Corpora.Dotnet;
using Stemma.Text.Corpora.Readers;

namespace Stemma.Curation;

/// <summary>One file of an input, and how it is read.</summary>
/// <param name="Path">Where it is; <c>dotnet-docs</c> for the SDK's documentation.</param>
/// <param name="Name">What documents call it: the path below the input's folder.</param>
/// <param name="Reader">Reads it; null for <c>dotnet-docs</c>.</param>
/// <param name="Limits">What is too much.</param>
internal sealed record InputFile(string Path, string Name, DocumentReader? Reader, ReadLimits Limits)
{
    /// <summary>Its documents, in order.</summary>
    public IEnumerable<RawDocument> Read(ReadLog log) => Reader?.ReadFile(Path, Name, Limits, log) ?? Documentation(log);

    /// <summary>Its length and the SHA-256 of its bytes.</summary>
    public (long Bytes, string Hash) Hash()
    {
        if (Reader is not null)
        {
            using var stream = File.OpenRead(Path);
            return (stream.Length, Convert.ToHexStringLower(SHA256.HashData(stream)));
        }

        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var length = 0L;
        foreach (var document in new DotnetDocsCorpus().Documents())
        {
            var bytes = Encoding.UTF8.GetBytes($"{document.Name}\n{document.Text}\n");
            hash.AppendData(bytes);
            length += bytes.Length;
        }

        return (length, Convert.ToHexStringLower(hash.GetHashAndReset()));
    }

    private static IEnumerable<RawDocument> Documentation(ReadLog log)
    {
        foreach (var (i, document) in new DotnetDocsCorpus().Documents().Index())
        {
            log.Read();
            yield return new(document.Name, document.Text, i);
        }
    }
}

/// <summary>The files that an input names.</summary>
internal static class InputFiles
{
    private static readonly Dictionary<string, InputFormat> Formats = new(StringComparer.OrdinalIgnoreCase)
    {
        [".txt"] = new TextFormat(),
        [".text"] = new TextFormat(),
        [".md"] = new TextFormat(),
        [".markdown"] = new TextFormat(),
        [".rst"] = new TextFormat(),
        [".adoc"] = new TextFormat(),
        [".org"] = new TextFormat(),
        [".tex"] = new TextFormat(),
        [".jsonl"] = new JsonLinesFormat(),
        [".ndjson"] = new JsonLinesFormat(),
        [".csv"] = new CsvFormat(),
        [".tsv"] = new TsvFormat(),
        [".html"] = new HtmlFormat(),
        [".htm"] = new HtmlFormat(),
        [".xhtml"] = new HtmlFormat(),
        [".xml"] = new XmlDocumentationFormat(),
        [".warc"] = new WarcFormat(),
        [".wet"] = new WarcFormat(),
    };

    /// <summary>The files, in order.</summary>
    /// <exception cref="FileNotFoundException">There are none.</exception>
    /// <exception cref="ConfigurationException">A file's name does not tell its format, and the recipe does not either.</exception>
    public static IReadOnlyList<InputFile> Of(RecipeInput input)
    {
        if (input.Path == DotnetDocsCorpus.CorpusName) return [new(input.Path, input.Path, null, input.Limits)];
        if (input.Format is CodeFormat code) return [.. SourceFolder.Files(input.Path).Select(name => new InputFile(Path.Combine(input.Path, name), name, code.Reader(), input.Limits))];
        var (root, names) = FileSet.Find(input.Path);
        // In a folder, what is no text stays where it is; a file that was named must be read.
        var chosen = Directory.Exists(input.Path) && input.Format is null ? [.. names.Where(name => FormatOf(name) is not null)] : names;
        if (chosen.Count == 0) throw new ConfigurationException($"{input.Path} holds no file whose ending tells its format ({string.Join(", ", Formats.Keys)}); name the input's format.");
        return [.. chosen.Select(name => new InputFile(Path.Combine(root, name), name, (input.Format ?? FormatOf(name) ?? throw Unknown(name)).Reader(), input.Limits))];
    }

    /// <summary>Whether a path's ending says that there are pages of HTML in it.</summary>
    public static bool LooksLikeHtml(string path) => Path.GetExtension(PackedFile.UnpackedName(path)).ToLowerInvariant() is ".html" or ".htm" or ".xhtml" or ".warc";

    private static InputFormat? FormatOf(string name) => Formats.GetValueOrDefault(Path.GetExtension(PackedFile.UnpackedName(name)));

    private static ConfigurationException Unknown(string name) =>
        new($"The ending of {name} does not tell its format; name the input's format, such as \"format\": {{ \"kind\": \"lines\" }}.");
}
