namespace Stemma.Text.Corpora;

/// <summary>One file of UTF-8 text, as one document of at most 1 GB.</summary>
/// <param name="path">The file.</param>
/// <param name="lossy">Whether bytes that are not UTF-8 become U+FFFD instead of an error.</param>
public sealed class TextFileCorpus(string path, bool lossy = false) : Corpus
{
    /// <inheritdoc/>
    public override string Name => path;

    /// <inheritdoc/>
    public override IEnumerable<Document> Documents()
    {
        var text = TextFileReader.Read(path, lossy);
        if (text.Length == 0) throw new TextFormatException($"{path} is empty.");
        yield return new Document(Path.GetFileName(path), text);
    }

    /// <inheritdoc/>
    public override IEnumerable<TextStretch> Stretches()
    {
        var found = false;
        foreach (var stretch in StretchReader.Read(path, lossy))
        {
            found = true;
            yield return stretch;
        }

        if (!found) throw new TextFormatException($"{path} is empty.");
    }
}
