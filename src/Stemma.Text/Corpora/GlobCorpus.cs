namespace Stemma.Text.Corpora;

/// <summary>
/// The files a glob names: <c>*</c> is any run of characters within a name, <c>?</c> one character, <c>**</c> any number of
/// folders. Hidden files and folders take part only where the pattern spells their dot; links to folders are not followed.
/// Case counts on every system.
/// </summary>
/// <param name="pattern">The glob, with <c>/</c> between its parts, for example <c>notes/**/*.md</c>.</param>
/// <param name="lossy">Whether bytes that are not UTF-8 become U+FFFD instead of an error.</param>
public sealed class GlobCorpus(string pattern, bool lossy = false) : FileSetCorpus(lossy)
{
    /// <inheritdoc/>
    public override string Name => pattern;

    private protected override (string Root, List<string> Names) Files()
    {
        var glob = new Glob(pattern);
        return (glob.Root, glob.Match());
    }

    private protected override string NoFiles() => $"No file matches {pattern}.";
}
