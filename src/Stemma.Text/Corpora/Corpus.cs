namespace Stemma.Text.Corpora;

/// <summary>A named collection of documents, read lazily and always in the same order.</summary>
public abstract class Corpus
{
    /// <summary>What a person calls it: a path, a glob, <c>standard input</c>, <c>dotnet-docs</c>.</summary>
    public abstract string Name { get; }

    /// <summary>Reads the documents one after another. Every call starts at the first and gives the same documents.</summary>
    /// <exception cref="FileNotFoundException">What the corpus is made of is missing; the message names it.</exception>
    /// <exception cref="TextFormatException">It holds no text, or text that is not UTF-8; the message names the file and the way out.</exception>
    public abstract IEnumerable<Document> Documents();

    /// <summary>
    /// The same documents in the same order, long ones in several stretches: for training tokenizers, which keeps no text. Files of any length are read in constant memory.
    /// </summary>
    /// <inheritdoc cref="Documents"/>
    public virtual IEnumerable<TextStretch> Stretches() => TextStretch.Whole(Documents().Select(document => document.Text));

    /// <summary>
    /// The corpus a <c>--data</c> value names: <c>dotnet-docs</c>, <c>-</c> (standard input), a folder, a glob
    /// (<c>notes/**/*.md</c>) or a file.
    /// </summary>
    /// <param name="data">The value.</param>
    /// <param name="lossy">Whether bytes that are not UTF-8 become U+FFFD instead of an error.</param>
    /// <exception cref="FileNotFoundException">A file or folder of that name does not exist.</exception>
    public static Corpus Open(string data, bool lossy = false)
    {
        ArgumentException.ThrowIfNullOrEmpty(data);
        if (data == Dotnet.DotnetDocsCorpus.CorpusName) return new Dotnet.DotnetDocsCorpus();
        if (data == "-") return new StandardInputCorpus(Console.OpenStandardInput, lossy);
        if (Directory.Exists(data)) return new FolderCorpus(data, lossy);
        if (File.Exists(data)) return new TextFileCorpus(data, lossy);
        if (Glob.IsPattern(data)) return new GlobCorpus(data, lossy);
        throw new FileNotFoundException(
            $"There is no file or folder {data}. Data is a file, a folder, a glob such as \"notes/**/*.md\", - for standard input, or dotnet-docs.", data);
    }
}
