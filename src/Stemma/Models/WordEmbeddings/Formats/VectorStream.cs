using System.Text;

namespace Stemma.Models.WordEmbeddings.Formats;

/// <summary>Bytes of a file of vectors, with the place for error messages.</summary>
internal sealed class VectorStream
{
    private const int Report = 1 << 22;

    private static readonly UTF8Encoding s_strict = new(false, throwOnInvalidBytes: true);

    private readonly Stream _stream;
    private readonly IProgress<double>? _progress;
    private readonly CancellationToken _cancellation;
    private readonly byte[] _buffer = new byte[1 << 16];
    private int _start, _end;
    private long _read;

    public VectorStream(Stream stream, string name, IProgress<double>? progress, CancellationToken cancellation)
    {
        (_stream, Name, _progress, _cancellation, Length) = (stream, name, progress, cancellation, stream.Length);
    }

    public string Name { get; }

    public long Length { get; }

    /// <summary>The offset of the next byte.</summary>
    public long Position => _read - (_end - _start);

    public bool IsAtEnd => Peek(1).IsEmpty;

    /// <summary>The next bytes, which stay; fewer at the end of the file.</summary>
    public ReadOnlySpan<byte> Peek(int count)
    {
        if (_end - _start < count) Fill();
        return _buffer.AsSpan(_start, Math.Min(count, _end - _start));
    }

    public void Skip(int count) => _start += count;

    /// <summary>The bytes up to one of two, which is passed over; null where neither comes within <paramref name="longest"/> bytes, or the file ends.</summary>
    public byte[]? Until(byte stop, byte otherStop, int longest, out byte stopped)
    {
        var bytes = Peek(longest + 1);
        var end = bytes.IndexOfAny(stop, otherStop);
        stopped = end < 0 ? (byte)0 : bytes[end];
        if (end < 0) return null;
        var found = bytes[..end].ToArray();
        Skip(end + 1);
        return found;
    }

    public void ReadExactly(Span<byte> target, string what)
    {
        while (target.Length > 0)
        {
            var part = Peek(Math.Min(target.Length, _buffer.Length));
            if (part.IsEmpty) throw Broken($"ends within {what}; it was cut off");
            part.CopyTo(target);
            target = target[part.Length..];
            Skip(part.Length);
        }
    }

    public string Decode(ReadOnlySpan<byte> bytes, string what)
    {
        try
        {
            return s_strict.GetString(bytes);
        }
        catch (DecoderFallbackException)
        {
            throw Broken($"holds a word that is not UTF-8 ({what}, before byte {Position:N0})");
        }
    }

    public CheckpointException Broken(string how) => new($"{Name} {how}.");

    private void Fill()
    {
        _cancellation.ThrowIfCancellationRequested();
        _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
        (_start, _end) = (0, _end - _start);
        while (_end < _buffer.Length)
        {
            var count = _stream.Read(_buffer, _end, _buffer.Length - _end);
            if (count == 0) break;
            if (_read / Report != (_read + count) / Report) _progress?.Report((double)_read / Math.Max(1, Length));
            _end += count;
            _read += count;
        }
    }
}
