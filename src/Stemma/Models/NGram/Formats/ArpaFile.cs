namespace Stemma.Models.NGram;

/// <summary>N-gram models in the ARPA format, the text that every toolkit reads and writes (Doug Paul's, as in SRILM and KenLM).</summary>
public static class ArpaFile
{
    /// <summary>Reads a model.</summary>
    /// <param name="path">The file.</param>
    /// <param name="memoryBytes">What sorting and keeping its n-grams may take.</param>
    /// <param name="threadCount">How many threads may work.</param>
    /// <param name="progress">Told the share that is read.</param>
    /// <param name="cancellation">Stops the reading.</param>
    /// <returns>The model; it belongs to the caller.</returns>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="CheckpointException">The file is not in this format; the message names the line.</exception>
    public static NGramTable Read(string path, long memoryBytes, int threadCount = 1, IProgress<NGramProgress>? progress = null, CancellationToken cancellation = default)
    {
        if (!File.Exists(path)) throw new FileNotFoundException($"There is no file {path}.", path);
        var workspace = new Workspace(memoryBytes, threadCount);
        try
        {
            return ArpaReader.Read(path, workspace, progress, cancellation);
        }
        catch
        {
            workspace.Dispose();
            throw;
        }
    }

    /// <summary>Writes a model, whole or not at all. The same model gives the same bytes.</summary>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public static void Write(string path, NGramTable table, IProgress<NGramProgress>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(table);
        ArpaWriter.Write(path, table, progress, cancellation);
    }
}
