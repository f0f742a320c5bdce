namespace Stemma.Text.Corpora;

/// <summary>
/// Several files, each a document named by its path below the set's root with <c>/</c> between the parts, in ordinal order of
/// these names whatever the order of the file system. Empty files are left out.
/// </summary>
public abstract class FileSetCorpus : Corpus
{
    private readonly bool lossy;

    private protected FileSetCorpus(bool lossy) => this.lossy = lossy;

    /// <inheritdoc/>
    public override IEnumerable<Document> Documents()
    {
        var (root, names) = SortedFiles();
        var found = false;
        foreach (var name in names)
        {
            var text = TextFileReader.Read(Path.Combine(root, name), lossy);
            if (text.Length == 0) continue;
            found = true;
            yield return new Document(name, text);
        }

        if (!found) throw AllEmpty(names.Count);
    }

    /// <inheritdoc/>
    public override IEnumerable<TextStretch> Stretches()
    {
        var (root, names) = SortedFiles();
        var found = false;
        foreach (var stretch in names.SelectMany(name => StretchReader.Read(Path.Combine(root, name), lossy)))
        {
            found = true;
            yield return stretch;
        }

        if (!found) throw AllEmpty(names.Count);
    }

    private (string Root, List<string> Names) SortedFiles()
    {
        var (root, names) = Files();
        if (names.Count == 0) throw new TextFormatException(NoFiles());
        names.Sort(StringComparer.Ordinal);
        return (root, names);
    }

    private TextFormatException AllEmpty(int count) => new($"All {count} text files of {Name} are empty.");

    /// <summary>The root and the names of the files below it.</summary>
    private protected abstract (string Root, List<string> Names) Files();

    /// <summary>The sentence that says there are no files, and the way out.</summary>
    private protected abstract string NoFiles();
}
