using System.IO.Compression;
using System.Text;
using Stemma.Text.Corpora.Readers;

namespace Stemma.Tests.Text.Corpora.Readers;

/// <summary>What a reader made of some bytes.</summary>
internal sealed record Reading(List<RawDocument> Documents, ReadLog Log)
{
    public string[] Texts => [.. Documents.Select(document => document.Text)];

    public static Reading Of(DocumentReader reader, string text, ReadLimits? limits = null) => Of(reader, Encoding.UTF8.GetBytes(text), limits);

    public static Reading Of(DocumentReader reader, byte[] bytes, ReadLimits? limits = null) => Of(reader, new MemoryStream(bytes), limits);

    public static Reading Of(DocumentReader reader, Stream stream, ReadLimits? limits = null)
    {
        var log = new ReadLog();
        return new([.. reader.Read(stream, "file", limits ?? ReadLimits.Usual, log)], log);
    }

    public static byte[] Packed(params ReadOnlySpan<string> members)
    {
        var packed = new MemoryStream();
        foreach (var member in members)
        {
            using var gzip = new GZipStream(packed, CompressionLevel.Optimal, leaveOpen: true);
            gzip.Write(Encoding.UTF8.GetBytes(member));
        }

        return packed.ToArray();
    }
}

/// <summary>A stream that never was a file: some bytes, any number of the letter x, and some bytes.</summary>
internal sealed class GeneratedStream(byte[] before, long middle, byte[] after) : Stream
{
    private long position;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => before.Length + middle + after.Length;

    public override long Position { get => position; set => throw new NotSupportedException(); }

    public override int Read(Span<byte> buffer)
    {
        if (position < before.Length) return Copy(before.AsSpan((int)position), buffer);
        var past = position - before.Length - middle;
        if (past >= 0) return Copy(after.AsSpan((int)past), buffer);
        var count = (int)Math.Min(buffer.Length, -past);
        buffer[..count].Fill((byte)'x');
        position += count;
        return count;
    }

    private int Copy(ReadOnlySpan<byte> from, Span<byte> to)
    {
        var count = Math.Min(from.Length, to.Length);
        from[..count].CopyTo(to);
        position += count;
        return count;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
