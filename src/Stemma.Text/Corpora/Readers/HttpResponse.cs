using System.Globalization;
using System.IO.Compression;
using System.Text;

namespace Stemma.Text.Corpora.Readers;

/// <summary>An HTTP response as an archive keeps it (RFC 9112): its status, its type and its body without transfer and content coding.</summary>
/// <param name="Status">For example 200.</param>
/// <param name="ContentType">With the charset, where it has one.</param>
/// <param name="Body">The page.</param>
internal readonly record struct HttpResponse(int Status, string ContentType, ReadOnlyMemory<byte> Body)
{
    /// <summary>Takes a response apart.</summary>
    /// <returns>What is wrong; null when it is one.</returns>
    public static string? Open(byte[] block, ReadLimits limits, out HttpResponse response)
    {
        response = default;
        var head = block.AsSpan().IndexOf("\r\n\r\n"u8);
        if (head < 0 || !block.AsSpan().StartsWith("HTTP/"u8)) return "the response has no HTTP head";
        var lines = Encoding.Latin1.GetString(block, 0, head).Split("\r\n");
        var words = lines[0].Split(' ');
        if (words.Length < 2 || !int.TryParse(words[1], NumberStyles.None, CultureInfo.InvariantCulture, out var status)) return "the response has no HTTP status";
        var (type, chunked, packing) = ("", false, "");
        foreach (var line in lines.AsSpan(1))
        {
            var colon = line.IndexOf(':', StringComparison.Ordinal);
            if (colon < 0) continue;
            var value = line[(colon + 1)..].Trim();
            switch (line[..colon].Trim().ToLowerInvariant())
            {
                case "content-type":
                    type = value;
                    break;
                case "transfer-encoding":
                    chunked = value.Contains("chunked", StringComparison.OrdinalIgnoreCase);
                    break;
                case "content-encoding":
                    packing = value.ToLowerInvariant();
                    break;
            }
        }

        ReadOnlyMemory<byte> body = block.AsMemory(head + 4);
        // Crawlers often keep the head as it came and the body already joined.
        if (chunked && Join(body.Span) is { } joined) body = joined;
        if (packing is "gzip" or "x-gzip" && body.Span.StartsWith((ReadOnlySpan<byte>)[0x1F, 0x8B]))
        {
            if (Unpack(body, limits) is not { } unpacked) return "its packed body is damaged or too long";
            body = unpacked;
        }
        else if (packing is not ("" or "identity" or "gzip" or "x-gzip"))
        {
            return $"its body is packed as {(packing.Length > 40 ? packing[..40] : packing)}, which is not read here";
        }

        response = new(status, type, body);
        return null;
    }

    private static byte[]? Join(ReadOnlySpan<byte> body)
    {
        var joined = new MemoryStream(body.Length);
        while (true)
        {
            var end = body.IndexOf("\r\n"u8);
            if (end is <= 0 or > 64) return null;
            var size = Encoding.Latin1.GetString(body[..end]).Split(';')[0].Trim();
            if (!int.TryParse(size, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var length) || length < 0) return null;
            if (length == 0) return joined.ToArray();
            if (body.Length < end + 2 + length) return null;
            joined.Write(body.Slice(end + 2, length));
            body = body[(end + 2 + length)..];
            if (body.StartsWith("\r\n"u8)) body = body[2..];
        }
    }

    private static byte[]? Unpack(ReadOnlyMemory<byte> packed, ReadLimits limits)
    {
        try
        {
            using var unpacking = new GZipStream(new MemoryStream(packed.ToArray()), CompressionMode.Decompress);
            var whole = new MemoryStream();
            var buffer = new byte[1 << 14];
            for (int read; (read = unpacking.Read(buffer)) > 0;)
            {
                if (whole.Length + read > limits.RecordBytes) return null;
                whole.Write(buffer, 0, read);
            }

            return whole.ToArray();
        }
        catch (InvalidDataException)
        {
            return null;
        }
    }
}
