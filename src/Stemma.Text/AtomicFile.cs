namespace Stemma.Text;

/// <summary>
/// A file that appears whole or not at all: written beside its place under a temporary name, flushed to the disk and renamed.
/// Disposing without <see cref="Commit"/> removes the temporary file and leaves what stood there before.
/// </summary>
internal sealed class AtomicFile : IDisposable
{
    private readonly string path;
    private readonly string temporaryPath;
    private bool committed;

    public AtomicFile(string path)
    {
        this.path = Path.GetFullPath(path);
        Directory.CreateDirectory(Path.GetDirectoryName(this.path)!);
        temporaryPath = $"{this.path}.{Guid.NewGuid():N}.tmp";
        Stream = new FileStream(temporaryPath, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, bufferSize: 1 << 16);
    }

    public FileStream Stream { get; }

    public void Commit()
    {
        Stream.Flush(flushToDisk: true);
        Stream.Dispose();
        File.Move(temporaryPath, path, overwrite: true);
        committed = true;
    }

    public void Dispose()
    {
        try
        {
            Stream.Dispose();
        }
        catch (IOException) when (!committed)
        {
            // The rest of the buffer finds no room on a full disk either; the file goes anyway.
        }
        finally
        {
            if (!committed) File.Delete(temporaryPath);
        }
    }
}
