namespace Stemma.Text.Corpora;

/// <summary>What arrives on standard input, as one document. It is read once, on first use, and kept.</summary>
public sealed class StandardInputCorpus : Corpus
{
    private readonly Lazy<Document> document;

    /// <summary>A corpus over a stream that can be read only once.</summary>
    /// <param name="open">Opens the stream.</param>
    /// <param name="lossy">Whether bytes that are not UTF-8 become U+FFFD instead of an error.</param>
    public StandardInputCorpus(Func<Stream> open, bool lossy = false)
    {
        ArgumentNullException.ThrowIfNull(open);
        document = new Lazy<Document>(() => Read(open, lossy));
    }

    /// <inheritdoc/>
    public override string Name => "standard input";

    /// <inheritdoc/>
    public override IEnumerable<Document> Documents()
    {
        yield return document.Value;
    }

    private Document Read(Func<Stream> open, bool lossy)
    {
        using var stream = open();
        using var buffer = new MemoryStream();
        stream.CopyTo(buffer);
        var text = TextFileReader.Decode(buffer.GetBuffer().AsSpan(0, (int)buffer.Length), "Standard input", lossy);
        return text.Length > 0 ? new Document(Name, text) : throw new TextFormatException("Standard input is empty.");
    }
}
