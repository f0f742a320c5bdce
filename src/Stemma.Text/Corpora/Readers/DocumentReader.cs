namespace Stemma.Text.Corpora.Readers;

/// <summary>
/// Reads the documents of one file format, one at a time in constant memory. A broken record is told to the log with its position
/// and skipped; nothing in a file ends the reading of the others.
/// </summary>
public abstract class DocumentReader
{
    /// <summary>Reads a stream from its beginning to its end.</summary>
    /// <param name="stream">The unpacked bytes; read forwards, left open.</param>
    /// <param name="file">What names and messages call it.</param>
    /// <param name="limits">What is too much.</param>
    /// <param name="log">Told of every record.</param>
    public IEnumerable<RawDocument> Read(Stream stream, string file, ReadLimits limits, ReadLog log)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentNullException.ThrowIfNull(limits);
        ArgumentNullException.ThrowIfNull(log);
        return Guarded(new CountingStream(stream), file, limits, log);
    }

    /// <summary>Reads a file, unpacked where its name ends in <c>.gz</c>.</summary>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="TextFormatException">The file is packed in a way that cannot be read.</exception>
    public IEnumerable<RawDocument> ReadFile(string path, string file, ReadLimits limits, ReadLog log)
    {
        using var stream = PackedFile.Open(path, limits);
        foreach (var document in Read(stream, file, limits, log)) yield return document;
    }

    /// <summary>The documents of a stream. An <see cref="InvalidDataException"/> or <see cref="IOException"/> ends it, and is logged.</summary>
    private protected abstract IEnumerable<RawDocument> Records(CountingStream stream, string file, ReadLimits limits, ReadLog log);

    private IEnumerable<RawDocument> Guarded(CountingStream stream, string file, ReadLimits limits, ReadLog log)
    {
        using var records = Records(stream, file, limits, log).GetEnumerator();
        while (true)
        {
            RawDocument document;
            try
            {
                if (!records.MoveNext()) yield break;
                document = records.Current;
            }
            catch (Exception error) when (error is InvalidDataException or EndOfStreamException)
            {
                log.Skip(file, stream.Count, $"the rest of the file cannot be unpacked ({error.Message.TrimEnd('.')})");
                yield break;
            }

            log.Read();
            yield return document;
        }
    }
}
