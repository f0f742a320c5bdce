using System.Text;

namespace Stemma.Text.Corpora.Readers;

/// <summary>UTF-8 text in which one or more empty lines divide documents.</summary>
public sealed class ParagraphsReader : DocumentReader
{
    private protected override IEnumerable<RawDocument> Records(CountingStream stream, string file, ReadLimits limits, ReadLog log)
    {
        var lines = new LineSource(stream, limits.RecordBytes);
        var paragraph = new StringBuilder();
        var (first, position, broken) = (0L, 0L, default(string));
        for (var number = 1L; ; number++)
        {
            var more = lines.TryReadLine(out var line);
            var blank = more && !lines.IsTooLong && line.Trim(" \t"u8).IsEmpty;
            if (!more || blank)
            {
                if (broken is not null) log.Skip(file, position, broken);
                else if (paragraph.Length > 0) yield return new($"{file}:{first}", paragraph.ToString(), position);
                paragraph.Clear();
                (first, broken) = (0, null);
                if (!more) yield break;
                continue;
            }

            if (first == 0) (first, position) = (number, lines.LineStart);
            if (broken is not null) continue;
            if (lines.IsTooLong || paragraph.Length + line.Length > limits.RecordBytes) broken = $"the paragraph of line {first} is longer than {limits.RecordBytes:N0} bytes";
            else if (TextDecoding.TryUtf8(line, out var text) is { } wrong) broken = $"line {number}: {wrong}";
            else paragraph.Append(paragraph.Length > 0 ? "\n" : "").Append(text);
            if (broken is not null) paragraph.Clear();
        }
    }
}
