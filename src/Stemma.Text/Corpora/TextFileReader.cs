using System.Buffers;
using System.Text;

namespace Stemma.Text.Corpora;

/// <summary>Reads a file of UTF-8 text, strictly or with U+FFFD for what is not; a byte order mark at its start is dropped.</summary>
internal static class TextFileReader
{
    public static string Read(string path, bool lossy)
    {
        byte[] bytes;
        try
        {
            bytes = File.ReadAllBytes(path);
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new FileNotFoundException($"There is no file {path}.", path, exception);
        }
        catch (IOException exception) when (exception.Message.Contains("2GB", StringComparison.Ordinal))
        {
            throw new TextFormatException($"{path} is larger than 2 GB, the most one document may hold. Divide it into several files.", exception);
        }

        return Decode(bytes, path, lossy);
    }

    /// <param name="bytes">The bytes as they came.</param>
    /// <param name="source">What an error message calls their source.</param>
    /// <param name="lossy">Whether to replace instead of refuse.</param>
    public static string Decode(ReadOnlySpan<byte> bytes, string source, bool lossy)
    {
        var mark = bytes.StartsWith(Encoding.UTF8.Preamble) ? Encoding.UTF8.Preamble.Length : 0;
        var text = bytes[mark..];
        if (!lossy && FirstInvalid(text) is var offset and >= 0)
        {
            throw new TextFormatException(
                $"{source} is not UTF-8 (byte 0x{text[offset]:X2} at offset {mark + offset}). Convert it, or add --lossy.");
        }

        return Encoding.UTF8.GetString(text);
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
