namespace Stemma.Text.Corpora.Readers;

/// <summary>A whole file of UTF-8 text, or of HTML or code, as one document.</summary>
/// <param name="markup">What it is written in.</param>
public sealed class WholeFileReader(Markup markup = Markup.None) : DocumentReader
{
    private protected override IEnumerable<RawDocument> Records(CountingStream stream, string file, ReadLimits limits, ReadLog log)
    {
        if (ReadAll(stream, limits.RecordBytes) is not { } bytes)
        {
            log.Skip(file, 0, $"it is longer than {limits.RecordBytes:N0} bytes; read it by lines or paragraphs");
            yield break;
        }

        var wrong = markup == Markup.Html ? TextDecoding.TryDecode(bytes, HtmlCharset.Declared(bytes), out var text) : TextDecoding.TryUtf8(bytes, out text);
        if (wrong is not null) log.Skip(file, 0, wrong);
        else if (text.Length > 0) yield return new(file, text, 0, markup);
        else log.PassOver();
    }

    private static byte[]? ReadAll(Stream stream, int most)
    {
        var buffer = new byte[Math.Min(1 << 16, most + 1)];
        var length = 0;
        while (true)
        {
            var read = stream.Read(buffer.AsSpan(length));
            length += read;
            if (length > most) return null;
            if (read == 0) return buffer[..length];
            if (length == buffer.Length) Array.Resize(ref buffer, (int)Math.Min(2L * buffer.Length, most + 1L));
        }
    }
}
