using System.Globalization;
using System.Text;

namespace Stemma.Text.Corpora.Readers;

/// <summary>
/// Web archives (WARC 1.0 and 1.1, ISO 28500): Common Crawl's WARC files, whose responses become pages of HTML or plain text, and
/// its WET files, whose conversions are plain text already. Other records (requests, metadata) carry no text and are passed over.
/// </summary>
/// <remarks>
/// After a record whose length is wrong, reading goes on at the next line that begins a record: what lies between is skipped, and
/// counted as one broken record. A block is kept in memory alone up to the record limit.
/// </remarks>
public sealed class WarcReader : DocumentReader
{
    private const int MostHeaderLines = 256, MostHeaderBytes = 1 << 16, MostWrongLengths = 100;

    private protected override IEnumerable<RawDocument> Records(CountingStream stream, string file, ReadLimits limits, ReadLog log)
    {
        var lines = new LineSource(stream, Math.Max(limits.RecordBytes, MostHeaderBytes));
        // Lost: between a record that was not what it said and the next one.
        var (lost, wrongLengths) = (false, 0);
        while (lines.TryReadLine(out var line))
        {
            if (!IsVersion(line))
            {
                if (!lost && (!line.IsEmpty || lines.IsTooLong)) log.Skip(file, lines.LineStart, "there is something else where a record should begin");
                lost |= !line.IsEmpty || lines.IsTooLong;
                continue;
            }

            lost = false;
            var position = lines.LineStart;
            var fields = ReadFields(lines);
            if (fields is null || !fields.TryGetValue("content-length", out var stated) || !long.TryParse(stated, NumberStyles.None, CultureInfo.InvariantCulture, out var length))
            {
                log.Skip(file, position, "the record does not say how long it is");
                lost = true;
                continue;
            }

            var kind = fields.GetValueOrDefault("warc-type", "");
            if (kind is not ("response" or "conversion" or "resource"))
            {
                if (lines.Skip(length) < length) log.Skip(file, position, $"the record of {length:N0} bytes is cut off");
                else log.PassOver();
                continue;
            }

            if (length > limits.RecordBytes)
            {
                lines.Skip(length);
                log.Skip(file, position, $"the record of {length:N0} bytes is longer than {limits.RecordBytes:N0}");
                lost = true;
                continue;
            }

            var block = GC.AllocateUninitializedArray<byte>((int)length);
            var taken = lines.Take(block);
            if (taken < length || !IsAtEnd(lines))
            {
                lost = true;
                var inner = RunsIntoNext(block.AsSpan(0, taken));
                log.Skip(file, position, inner >= 0 ? $"the record says that it has {length:N0} bytes, but another one begins after {inner:N0}"
                    : taken < length ? $"the record of {length:N0} bytes is cut off" : $"the record says that it has {length:N0} bytes, but it does not end there");
                if (inner >= 0) lines.Return(block.AsSpan(inner, taken - inner));
                if (++wrongLengths <= MostWrongLengths) continue;
                log.Skip(file, position, $"more than {MostWrongLengths} records have wrong lengths; the rest of the file is not read");
                yield break;
            }

            var wrong = Decode(kind, fields, block, limits, out var text, out var markup);
            if (wrong is not null) log.Skip(file, position, wrong);
            else if (text.Length == 0) log.PassOver();
            else yield return new(fields.GetValueOrDefault("warc-target-uri", $"{file}@{position}"), text, position, markup);
        }
    }

    private static bool IsVersion(ReadOnlySpan<byte> line) => line.StartsWith("WARC/1."u8) && line.Length <= 9;

    private static Dictionary<string, string>? ReadFields(LineSource lines)
    {
        var fields = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        for (var count = 0; count < MostHeaderLines && lines.TryReadLine(out var line); count++)
        {
            if (line.IsEmpty) return fields;
            var colon = line.IndexOf((byte)':');
            if (colon > 0 && line.Length < MostHeaderBytes) fields.TryAdd(Encoding.UTF8.GetString(line[..colon]).Trim(), Encoding.UTF8.GetString(line[(colon + 1)..]).Trim());
        }

        return null;
    }

    // Two line ends close a record, before the next one or the end of the file.
    private static bool IsAtEnd(LineSource lines)
    {
        Span<byte> next = stackalloc byte[11];
        next = next[..lines.Take(next)];
        lines.Return(next);
        return next.Trim("\r\n"u8).IsEmpty && next.Length <= 4 || next.SequenceEqual("\r\n\r\nWARC/1."u8) || next.StartsWith("\n\nWARC/1."u8);
    }

    // A length that is too great swallows the head of the next record.
    private static int RunsIntoNext(ReadOnlySpan<byte> block)
    {
        for (var from = 0; from < block.Length;)
        {
            var at = block[from..].IndexOf("\r\n\r\nWARC/1."u8);
            if (at < 0) return -1;
            var rest = block[(from + at + 4)..];
            var end = rest.IndexOf("\r\n"u8);
            if (end is > 0 and <= 9 && rest[(end + 2)..].StartsWith("WARC-"u8)) return from + at + 4;
            from += at + 4;
        }

        return -1;
    }

    private static string? Decode(string kind, Dictionary<string, string> fields, byte[] block, ReadLimits limits, out string text, out Markup markup)
    {
        (text, markup) = ("", Markup.None);
        var type = fields.GetValueOrDefault("content-type", "");
        ReadOnlySpan<byte> body = block;
        if (kind == "response" && type.StartsWith("application/http", StringComparison.OrdinalIgnoreCase))
        {
            if (HttpResponse.Open(block, limits, out var opened) is { } wrong) return wrong;
            if (opened.Status != 200) return null;
            body = opened.Body.Span;
            type = opened.ContentType;
        }

        if (type.Contains("html", StringComparison.OrdinalIgnoreCase)) markup = Markup.Html;
        else if (!type.StartsWith("text/", StringComparison.OrdinalIgnoreCase)) return null;
        var charset = HtmlCharset.InContentType(type);
        if (charset.Length == 0 && markup == Markup.Html) charset = HtmlCharset.Declared(body);
        return TextDecoding.TryDecode(body, charset, out text);
    }
}
