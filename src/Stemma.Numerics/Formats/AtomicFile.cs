using System.Text;

namespace Stemma.Numerics.Formats;

/// <summary>
/// Writes files that appear whole or not at all: beside their place under a temporary name, flushed to the disk, then renamed.
/// Whatever goes wrong, the temporary file is removed and what stood there before is untouched.
/// </summary>
public static class AtomicFile
{
    /// <summary>Writes a file through a stream.</summary>
    /// <param name="path">Where it appears; its folder is created where needed.</param>
    /// <param name="write">Writes the contents.</param>
    /// <param name="length">The number of bytes to come, so that a full disk shows before the first of them; 0 when unknown.</param>
    /// <exception cref="IOException">The file cannot be written: a full disk, a missing permission. The message names the file.</exception>
    public static void Write(string path, Action<Stream> write, long length = 0)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(write);
        string? temporary = null;
        try
        {
            var target = Path.GetFullPath(path);
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            temporary = $"{target}.{Guid.NewGuid():N}.tmp";
            var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, Share = FileShare.None, PreallocationSize = length, BufferSize = 1 << 16 };
            using (var stream = new FileStream(temporary, options))
            {
                write(stream);
                stream.Flush(flushToDisk: true);
            }
            File.Move(temporary, target, overwrite: true);
            temporary = null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Remove(temporary);
            // The system names the temporary file, which means nothing to a reader.
            var reason = temporary is null ? e.Message : e.Message.Replace(temporary, path, StringComparison.Ordinal);
            throw new IOException($"{path} could not be written, and what was there before is unchanged: {reason}", e);
        }
        catch
        {
            Remove(temporary);
            throw;
        }
    }

    /// <summary>Writes a text file as UTF-8 without a byte order mark.</summary>
    /// <inheritdoc cref="Write" path="/exception"/>
    public static void WriteText(string path, string text) => Write(path, stream => stream.Write(Encoding.UTF8.GetBytes(text)));

    private static void Remove(string? temporary)
    {
        try
        {
            if (temporary is not null) File.Delete(temporary);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The error that brought us here tells more than that its leftover cannot be removed.
        }
    }
}
