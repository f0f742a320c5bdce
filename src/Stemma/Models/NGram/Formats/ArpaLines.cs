using System.Text;

namespace Stemma.Models.NGram;

/// <summary>The lines of an ARPA file, numbered, and errors that name them.</summary>
internal sealed class ArpaLines(string path) : IDisposable
{
    private const int MostBytes = 1 << 20;

    private readonly FileStream _stream = new(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1, FileOptions.SequentialScan);
    private readonly byte[] _buffer = new byte[MostBytes];
    private int _start;
    private int _end;

    /// <summary>The number of the line at hand, from 1.</summary>
    public long Number { get; private set; }

    /// <summary>The share of the file that is read.</summary>
    public double Fraction => _stream.Length == 0 ? 1 : (double)_stream.Position / _stream.Length;

    /// <summary>The next line without its end.</summary>
    /// <exception cref="CheckpointException">There is none, or it is longer than 1 MB.</exception>
    public ReadOnlySpan<byte> Next()
    {
        if (TryNext(out var line)) return line;
        Number++;
        throw Error("the file ends here, before \\end\\. It is cut off");
    }

    /// <summary>The next line that is not empty.</summary>
    public ReadOnlySpan<byte> NextFilled()
    {
        ReadOnlySpan<byte> line;
        do line = Next().Trim(" \t"u8);
        while (line.IsEmpty);
        return line;
    }

    /// <summary>An error at the line at hand.</summary>
    public CheckpointException Error(string complaint) => new($"{path}, line {Number}: {complaint}.");

    /// <summary>A part of a line as an error message shows it.</summary>
    public static string Show(ReadOnlySpan<byte> text) => $"\"{Encoding.UTF8.GetString(text[..Math.Min(text.Length, 60)])}{(text.Length > 60 ? "…" : "")}\"";

    public void Dispose() => _stream.Dispose();

    private bool TryNext(out ReadOnlySpan<byte> line)
    {
        var searched = 0;
        while (true)
        {
            var length = _buffer.AsSpan(_start + searched, _end - _start - searched).IndexOf((byte)'\n');
            if (length >= 0)
            {
                line = _buffer.AsSpan(_start, searched + length);
                _start += searched + length + 1;
                break;
            }
            searched = _end - _start;
            if (searched == MostBytes)
            {
                Number++;
                throw Error("the line is longer than 1 MB; this is not an ARPA file");
            }
            _buffer.AsSpan(_start, searched).CopyTo(_buffer);
            (_start, _end) = (0, searched);
            var read = _stream.Read(_buffer, _end, MostBytes - _end);
            _end += read;
            if (read > 0) continue;
            line = _buffer.AsSpan(0, searched);
            (_start, _end) = (0, 0);
            if (searched == 0) return false;
            break;
        }
        Number++;
        if (line.Length > 0 && line[^1] == '\r') line = line[..^1];
        return true;
    }
}
