using System.IO.Compression;

namespace Stemma.Text.Corpora.Readers;

/// <summary>Opens a file that may be packed: <c>.gz</c> with any number of members (RFC 1952), as Common Crawl's files have.</summary>
public static class PackedFile
{
    private static readonly Dictionary<string, string> Unreadable = new(StringComparer.OrdinalIgnoreCase)
    {
        [".zst"] = "zstd -d",
        [".zstd"] = "zstd -d",
        [".xz"] = "xz -d",
        [".bz2"] = "bzip2 -d",
        [".lz4"] = "lz4 -d",
        [".br"] = "brotli -d",
        [".zip"] = "unzip",
        [".7z"] = "7z x",
    };

    /// <summary>A file's name without the ending that says how it is packed.</summary>
    public static string UnpackedName(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        return path.EndsWith(".gz", StringComparison.OrdinalIgnoreCase) ? path[..^3] : path;
    }

    /// <summary>Opens a file and unpacks it as it is read.</summary>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="TextFormatException">It is packed in a way that cannot be read; the message tells the way out.</exception>
    public static Stream Open(string path, ReadLimits limits)
    {
        ArgumentNullException.ThrowIfNull(path);
        ArgumentNullException.ThrowIfNull(limits);
        if (!File.Exists(path)) throw new FileNotFoundException($"There is no file {path}.", path);
        var extension = Path.GetExtension(path);
        if (Unreadable.TryGetValue(extension, out var command))
            throw new TextFormatException($"{path} is packed as {extension}, which is not read here; .gz is. Unpack it (`{command}`) or pack it with gzip.");
        var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 16, FileOptions.SequentialScan);
        return extension.Equals(".gz", StringComparison.OrdinalIgnoreCase) ? Unpack(file, limits) : file;
    }

    /// <summary>Unpacks gzip within limits; what exceeds them ends the stream with an <see cref="InvalidDataException"/>.</summary>
    internal static Stream Unpack(Stream packed, ReadLimits limits) => new RatioLimit(packed, limits);

    /// <summary>Stops a bomb: a little that unpacks to very much.</summary>
    private sealed class RatioLimit : Stream
    {
        private readonly CountingStream packed;
        private readonly Stream source;
        private readonly GZipStream unpacked;
        private readonly ReadLimits limits;
        private long count;

        public RatioLimit(Stream source, ReadLimits limits)
        {
            (this.source, this.limits) = (source, limits);
            packed = new CountingStream(source);
            unpacked = new GZipStream(packed, CompressionMode.Decompress, leaveOpen: true);
        }

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => count; set => throw new NotSupportedException(); }

        public override int Read(Span<byte> buffer)
        {
            var read = unpacked.Read(buffer);
            count += read;
            // What was read ahead counts for the packed side: a bomb is found a little later, never text taken for one.
            if (count > limits.RatioGraceBytes && count > packed.Count * limits.PackingRatio)
                throw new InvalidDataException($"{packed.Count:N0} packed bytes give more than {limits.PackingRatio} times as many; it looks like a bomb");
            return read;
        }

        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        protected override void Dispose(bool disposing)
        {
            if (disposing)
            {
                unpacked.Dispose();
                source.Dispose();
            }

            base.Dispose(disposing);
        }
    }
}
