namespace Stemma.Text.Corpora.Readers;

/// <summary>
/// Lines of a stream in one growing buffer. A line beyond the limit is passed over without being kept, whatever its length.
/// Any number of bytes can be taken between two lines, for formats whose records state their length.
/// </summary>
internal sealed class LineSource(Stream stream, int mostBytes)
{
    private byte[] buffer = new byte[1 << 16];
    private int start, end;
    private long consumed;
    private bool ended;

    /// <summary>Where the next byte to be taken stands in the stream.</summary>
    public long Position => consumed + start;

    /// <summary>Where the last line began.</summary>
    public long LineStart { get; private set; }

    /// <summary>Whether the last line was passed over because it is too long.</summary>
    public bool IsTooLong { get; private set; }

    /// <summary>The next line without its end (LF or CRLF); empty when it is too long.</summary>
    /// <returns>False at the end of the stream.</returns>
    public bool TryReadLine(out ReadOnlySpan<byte> line)
    {
        line = [];
        (LineStart, IsTooLong) = (Position, false);
        var searched = 0;
        while (true)
        {
            var at = buffer.AsSpan(start + searched, end - start - searched).IndexOf((byte)'\n');
            if (at >= 0)
            {
                at += searched;
                if (!IsTooLong && at <= mostBytes) line = buffer.AsSpan(start, at > 0 && buffer[start + at - 1] == '\r' ? at - 1 : at);
                else IsTooLong = true;
                start += at + 1;
                return true;
            }

            searched = end - start;
            if (IsTooLong || searched > mostBytes)
            {
                IsTooLong = true;
                (start, searched) = (end, 0);
            }

            if (Fill()) continue;
            if (searched == 0 && !IsTooLong) return false;
            if (!IsTooLong) line = buffer.AsSpan(start, end - start);
            start = end;
            return true;
        }
    }

    /// <summary>Takes up to <paramref name="destination"/>.Length bytes.</summary>
    /// <returns>How many there were; fewer only at the end of the stream.</returns>
    public int Take(Span<byte> destination)
    {
        var taken = 0;
        while (taken < destination.Length && (start < end || Fill()))
        {
            var count = Math.Min(destination.Length - taken, end - start);
            buffer.AsSpan(start, count).CopyTo(destination[taken..]);
            (taken, start) = (taken + count, start + count);
        }

        return taken;
    }

    /// <summary>Passes over bytes without keeping them.</summary>
    /// <returns>How many there were; fewer only at the end of the stream.</returns>
    public long Skip(long count)
    {
        var skipped = 0L;
        while (skipped < count && (start < end || Fill()))
        {
            var now = (int)Math.Min(count - skipped, end - start);
            (skipped, start) = (skipped + now, start + now);
        }

        return skipped;
    }

    /// <summary>Gives bytes back that were taken: they come next.</summary>
    public void Return(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length <= start && buffer.AsSpan(start - bytes.Length, bytes.Length).SequenceEqual(bytes))
        {
            start -= bytes.Length;
            return;
        }

        var joined = new byte[bytes.Length + end - start];
        bytes.CopyTo(joined);
        buffer.AsSpan(start, end - start).CopyTo(joined.AsSpan(bytes.Length));
        consumed = Position - bytes.Length;
        (buffer, start, end) = (joined, 0, joined.Length);
    }

    private bool Fill()
    {
        if (ended) return false;
        if (start > 0)
        {
            buffer.AsSpan(start, end - start).CopyTo(buffer);
            consumed += start;
            (start, end) = (0, end - start);
        }

        if (end == buffer.Length) Array.Resize(ref buffer, (int)Math.Min(2L * buffer.Length, Math.Max((long)mostBytes + 2, buffer.Length + 1L)));
        var read = stream.Read(buffer.AsSpan(end));
        end += read;
        ended = read == 0;
        return !ended;
    }
}
