using System.Buffers.Binary;

namespace Stemma.Models.NGram;

/// <summary>N-gram models as binary files that are memory-mapped and looked up in place.</summary>
public static class NGramFile
{
    /// <summary>Writes a model, whole or not at all. The same model gives the same bytes.</summary>
    /// <exception cref="IOException">The file cannot be written.</exception>
    /// <exception cref="ConfigurationException">There are more n-grams than such a file holds.</exception>
    public static void Write(string path, NGramTable table, IProgress<NGramProgress>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(table);
        NGramFileWriter.Write(path, table, progress, cancellation);
    }

    /// <summary>Reads a model as its n-grams, to be written in another format.</summary>
    /// <param name="path">The file.</param>
    /// <param name="memoryBytes">What sorting and keeping its n-grams may take.</param>
    /// <param name="threadCount">How many threads may work.</param>
    /// <param name="cancellation">Stops the reading.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="CheckpointException">The file is not such a model, or is damaged.</exception>
    public static NGramTable Read(string path, long memoryBytes, int threadCount = 1, CancellationToken cancellation = default)
    {
        var (file, header) = Open(path);
        using var _ = file;
        var workspace = new Workspace(memoryBytes, threadCount);
        try
        {
            return NGramFileReader.Read(path, file, header, workspace, cancellation);
        }
        catch
        {
            workspace.Dispose();
            throw;
        }
    }

    internal static (MappedFile File, NGramHeader Header) Open(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (!File.Exists(path)) throw new FileNotFoundException($"There is no file {path}.", path);
        var file = MappedFile.Open(path);
        try
        {
            const int MostHeaderBytes = NGramHeader.FixedBytes + (16 * NGramHeader.MostOrders);
            var header = NGramHeader.Read(file.Span(0, Math.Min(file.Bytes, MostHeaderBytes)), file.Bytes, path);
            if (BinaryPrimitives.ReadUInt64LittleEndian(file.Span(NGramHeader.ChecksumOffset, 8)) != file.Checksum()) throw NGramHeader.Damaged(path, "its checksum differs");
            return (file, header);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }
}
