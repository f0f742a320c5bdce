using System.Text;
using System.Text.Unicode;

namespace Stemma.Text.Corpora.Readers;

/// <summary>Bytes of a record as text.</summary>
internal static class TextDecoding
{
    private static ReadOnlySpan<byte> Mark => [0xEF, 0xBB, 0xBF];

    /// <summary>Reads UTF-8, a byte order mark at the start dropped.</summary>
    /// <returns>What is wrong; null when it is text.</returns>
    public static string? TryUtf8(ReadOnlySpan<byte> bytes, out string text)
    {
        text = "";
        if (bytes.StartsWith(Mark)) bytes = bytes[Mark.Length..];
        if (bytes.Contains((byte)0)) return "it holds a NUL: it is not text";
        if (!Utf8.IsValid(bytes)) return "it is not UTF-8";
        text = Encoding.UTF8.GetString(bytes);
        return null;
    }

    /// <summary>Reads text of a named encoding.</summary>
    /// <param name="bytes">The bytes.</param>
    /// <param name="charset">Its name as in a content type; empty where none was given.</param>
    /// <param name="text">The text.</param>
    /// <returns>What is wrong; null when it is text.</returns>
    public static string? TryDecode(ReadOnlySpan<byte> bytes, string charset, out string text)
    {
        text = "";
        switch (charset.Trim().Trim('"', '\'').ToLowerInvariant())
        {
            case "" or "utf-8" or "utf8":
                // Without a word about it, what is not UTF-8 is what browsers take it for.
                if (TryUtf8(bytes, out text) is not { } wrong) return null;
                if (charset.Trim().Length > 0 || bytes.Contains((byte)0)) return wrong;
                text = Windows1252.Decode(bytes);
                return null;
            case "us-ascii" or "ascii" or "iso-8859-1" or "latin1" or "latin-1" or "windows-1252" or "cp1252":
                if (bytes.Contains((byte)0)) return "it holds a NUL: it is not text";
                text = Windows1252.Decode(bytes);
                return null;
            case "utf-16" or "utf-16le":
                text = Encoding.Unicode.GetString(bytes).TrimStart('\uFEFF');
                return text.Contains('\0', StringComparison.Ordinal) ? "it holds a NUL: it is not text" : null;
            default:
                return $"its encoding {(charset.Length > 40 ? charset[..40] : charset)} is not read here";
        }
    }
}
