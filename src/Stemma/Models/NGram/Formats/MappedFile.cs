using System.IO.MemoryMappedFiles;
using Stemma.Numerics.Formats;

namespace Stemma.Models.NGram;

/// <summary>A file in memory, by address.</summary>
internal sealed unsafe class MappedFile : IDisposable
{
    private readonly MemoryMappedFile _map;
    private readonly MemoryMappedViewAccessor _view;

    private MappedFile(MemoryMappedFile map, long bytes, MemoryMappedFileAccess access)
    {
        _map = map;
        _view = map.CreateViewAccessor(0, bytes, access);
        Bytes = bytes;
        byte* start = null;
        _view.SafeMemoryMappedViewHandle.AcquirePointer(ref start);
        Start = start + _view.PointerOffset;
    }

    public byte* Start { get; }

    public long Bytes { get; }

    public static MappedFile Open(string path)
    {
        var bytes = new FileInfo(path).Length;
        if (bytes == 0) throw new CheckpointException($"{path} is empty.");
        return new(MemoryMappedFile.CreateFromFile(path, FileMode.Open, null, 0, MemoryMappedFileAccess.Read), bytes, MemoryMappedFileAccess.Read);
    }

    /// <summary>A file's stream of the given length, to write into.</summary>
    public static MappedFile Over(FileStream stream, long bytes)
    {
        stream.SetLength(bytes);
        return new(MemoryMappedFile.CreateFromFile(stream, null, bytes, MemoryMappedFileAccess.ReadWrite, HandleInheritability.None, leaveOpen: true), bytes, MemoryMappedFileAccess.ReadWrite);
    }

    public ReadOnlySpan<byte> Span(long start, long length) => new(Start + start, checked((int)length));

    public void Flush() => _view.Flush();

    /// <summary>The checksum of a binary model: all of it, its own place taken as zero.</summary>
    public ulong Checksum()
    {
        var sum = new Checksum();
        var first = (int)Math.Min(Bytes, NGramHeader.FixedBytes + 8);
        Span<byte> head = stackalloc byte[first];
        Span(0, first).CopyTo(head);
        head.Slice(NGramHeader.ChecksumOffset, 8).Clear();
        sum.Add(head);
        for (long at = first; at < Bytes; at += 1 << 24) sum.Add(Span(at, Math.Min(1 << 24, Bytes - at)));
        return sum.Value;
    }

    public void Dispose()
    {
        _view.SafeMemoryMappedViewHandle.ReleasePointer();
        _view.Dispose();
        _map.Dispose();
    }
}
