namespace Stemma.Text.Corpora.Readers;

/// <summary>UTF-8 text in which every line is a document; empty lines are none.</summary>
public sealed class LinesReader : DocumentReader
{
    private protected override IEnumerable<RawDocument> Records(CountingStream stream, string file, ReadLimits limits, ReadLog log)
    {
        var lines = new LineSource(stream, limits.RecordBytes);
        for (var number = 1L; lines.TryReadLine(out var line); number++)
        {
            if (lines.IsTooLong)
            {
                log.Skip(file, lines.LineStart, $"line {number} is longer than {limits.RecordBytes:N0} bytes");
                continue;
            }

            if (line.Trim(" \t"u8).IsEmpty) continue;
            if (TextDecoding.TryUtf8(line, out var text) is { } wrong) log.Skip(file, lines.LineStart, $"line {number}: {wrong}");
            else yield return new($"{file}:{number}", text, lines.LineStart);
        }
    }
}
