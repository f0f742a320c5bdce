namespace Stemma.Models.WordEmbeddings.Formats;

/// <summary>Reads and writes vectors of words as other tools do. Which format a file has is seen from what it holds.</summary>
public static class WordVectorFile
{
    /// <summary>The longest word, in bytes; longer ones are taken for a broken file.</summary>
    internal const int LongestWord = 4096;

    /// <summary>The most numbers of a vector in a file.</summary>
    internal const int LargestSize = 100_000;

    /// <summary>Reads a file: word2vec's text or binary format, or GloVe's text without a first line.</summary>
    /// <param name="path">The file.</param>
    /// <param name="progress">Told the share that is read.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="CheckpointException">It is not one of these, or broken; the message names the word, the line or the byte.</exception>
    public static WordVectors Read(string path, IProgress<double>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (!File.Exists(path)) throw new FileNotFoundException($"There is no file {path}.", path);
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 16, FileOptions.SequentialScan);
        return Read(stream, path, progress, cancellation);
    }

    /// <summary>Writes a file whose format its name says: <c>.txt</c> and <c>.vec</c> are word2vec's text, all others its binary format.</summary>
    /// <exception cref="IOException">The file cannot be written.</exception>
    /// <exception cref="ConfigurationException">A word holds white space, which the formats cannot say.</exception>
    public static void Write(string path, WordVectors vectors)
    {
        if (Path.GetExtension(path) is ".txt" or ".vec") WordVectorText.Write(path, vectors);
        else WordVectorBinary.Write(path, vectors);
    }

    internal static WordVectors Read(Stream stream, string name, IProgress<double>? progress, CancellationToken cancellation)
    {
        var reader = new VectorStream(stream, name, progress, cancellation);
        if (reader.IsAtEnd) throw reader.Broken("is empty");
        var header = VectorHeader.Read(reader);
        return header is { IsBinary: true } ? WordVectorBinary.Read(reader, header) : WordVectorText.Read(reader, header);
    }
}
