using System.Buffers;
using System.Text;

namespace Stemma.Text.Corpora;

/// <summary>Reads a file of UTF-8 text, strictly or with U+FFFD for what is not; a byte order mark at its start is dropped.</summary>
internal static class TextFileReader
{
    private const long MaxLength = 1_000_000_000;

    public static string Read(string path, bool lossy)
    {
        var file = new FileInfo(path);
        if (!file.Exists) throw new FileNotFoundException($"There is no file {path}.", path);
        if (file.Length > MaxLength)
            throw new TextFormatException($"{path} holds {file.Length} bytes; one document may hold 1 GB. Divide it into several files.");
        return Decode(File.ReadAllBytes(path), path, lossy);
    }

    /// <param name="bytes">The bytes as they came.</param>
    /// <param name="source">What an error message calls their source.</param>
    /// <param name="lossy">Whether to replace instead of refuse.</param>
    public static string Decode(ReadOnlySpan<byte> bytes, string source, bool lossy)
    {
        var mark = bytes.StartsWith(Encoding.UTF8.Preamble) ? Encoding.UTF8.Preamble.Length : 0;
        var text = bytes[mark..];
        if (!lossy) Check(text, mark, source);
        return Encoding.UTF8.GetString(text);
    }

    /// <summary>Refuses what is not UTF-8.</summary>
    /// <param name="text">Bytes, whole characters.</param>
    /// <param name="position">Where they stand in their source.</param>
    /// <param name="source">What an error message calls it.</param>
    public static void Check(ReadOnlySpan<byte> text, long position, string source)
    {
        if (FirstInvalid(text) is var offset and >= 0) throw new TextFormatException($"{source} is not UTF-8 (byte 0x{text[offset]:X2} at offset {position + offset}). Convert it, or add --lossy.");
    }

    private static int FirstInvalid(ReadOnlySpan<byte> bytes)
    {
        if (System.Text.Unicode.Utf8.IsValid(bytes)) return -1;
        for (var position = 0; position < bytes.Length;)
        {
            if (Rune.DecodeFromUtf8(bytes[position..], out _, out var consumed) != OperationStatus.Done) return position;
            position += consumed;
        }

        return -1;
    }
}
