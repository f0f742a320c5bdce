using System.Buffers;
using System.Text;

namespace Stemma.Text.Corpora;

/// <summary>Reads a file of UTF-8 text, of any length, as <see cref="TextStretch"/>es of about a megabyte; joined they are what <see cref="TextFileReader"/> reads.</summary>
internal static class StretchReader
{
    private const int UsualBlockLength = 1 << 20;
    private const int MostCharacters = 1 << 29;

    /// <param name="path">The file.</param>
    /// <param name="lossy">Whether to replace what is not UTF-8 instead of refusing it.</param>
    /// <param name="blockLength">Bytes that are read at a time, at least 8.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="TextFormatException">It is not UTF-8, or has half a billion characters without a space.</exception>
    public static IEnumerable<TextStretch> Read(string path, bool lossy, int blockLength = UsualBlockLength)
    {
        if (!File.Exists(path)) throw new FileNotFoundException($"There is no file {path}.", path);
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1);
        var bytes = new byte[blockLength];
        var pending = new StringBuilder();
        var (kept, position, isContinuation, isLast) = (0, 0L, false, false);
        while (!isLast)
        {
            var length = kept + stream.ReadAtLeast(bytes.AsSpan(kept), blockLength - kept, throwOnEndOfStream: false);
            isLast = length < blockLength;
            var mark = position == 0 && bytes.AsSpan(0, length).StartsWith(Encoding.UTF8.Preamble) ? Encoding.UTF8.Preamble.Length : 0;
            var whole = isLast ? length : length - CutCharacter(bytes.AsSpan(0, length));
            if (!lossy) TextFileReader.Check(bytes.AsSpan(mark, whole - mark), position + mark, path);
            var text = Encoding.UTF8.GetString(bytes, mark, whole - mark);
            kept = length - whole;
            bytes.AsSpan(whole, kept).CopyTo(bytes);
            position += whole;
            var cut = isLast ? text.Length : LastCut(text);
            pending.Append(text, 0, cut);
            if (pending.Length > MostCharacters) throw new TextFormatException($"{path} has {pending.Length:N0} characters without a space or a line's end between words; it is no text.");
            if (cut == 0 && !isLast)
            {
                pending.Append(text);
                continue;
            }

            if (pending.Length > 0) yield return new TextStretch(pending.ToString(), isContinuation);
            isContinuation = true;
            pending.Clear().Append(text, cut, text.Length - cut);
        }
    }

    // No word of any tokenizer's training goes on across such a place.
    private static int LastCut(string text)
    {
        for (var at = text.Length - 1; at > 0; at--)
            if (text[at] is ' ' or '\n' && !char.IsWhiteSpace(text[at - 1])) return at;
        return 0;
    }

    // How many bytes at the end are the beginning of a character that goes on.
    private static int CutCharacter(ReadOnlySpan<byte> bytes)
    {
        for (var back = 1; back <= Math.Min(3, bytes.Length); back++)
            if (bytes[^back] >= 0xC0) return Rune.DecodeFromUtf8(bytes[^back..], out _, out _) == OperationStatus.NeedMoreData ? back : 0;
        return 0;
    }
}
