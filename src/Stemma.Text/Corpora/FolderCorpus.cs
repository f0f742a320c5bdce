namespace Stemma.Text.Corpora;

/// <summary>
/// The text files of a folder and the folders below it: names that end in <c>.txt .text .md .markdown .rst .adoc .org .tex</c>.
/// Hidden ones (a name that begins with a dot) are left out, and links to folders are not followed. Other files are reached by
/// a glob.
/// </summary>
/// <param name="path">The folder.</param>
/// <param name="lossy">Whether bytes that are not UTF-8 become U+FFFD instead of an error.</param>
public sealed class FolderCorpus(string path, bool lossy = false) : FileSetCorpus(lossy)
{
    private static readonly HashSet<string> Extensions =
        new([".txt", ".text", ".md", ".markdown", ".rst", ".adoc", ".org", ".tex"], StringComparer.OrdinalIgnoreCase);

    /// <inheritdoc/>
    public override string Name => path;

    private protected override (string Root, List<string> Names) Files()
    {
        if (!Directory.Exists(path)) throw new FileNotFoundException($"There is no folder {path}.", path);
        return (path, [.. Glob.FilesBelow(path).Where(name => Extensions.Contains(Path.GetExtension(name)))]);
    }

    private protected override string NoFiles() =>
        $"{path} holds no text files (.txt, .md, .rst …). Name others with a glob, such as \"{Path.TrimEndingDirectorySeparator(path)}/**/*.cs\".";
}
