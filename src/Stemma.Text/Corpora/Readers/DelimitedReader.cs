using System.Globalization;
using System.Text;

namespace Stemma.Text.Corpora.Readers;

/// <summary>
/// Tables as text, RFC 4180: comma- or tab-separated, values in quotation marks may hold the separator, line ends and doubled
/// marks. Where the file has a heading, columns are reached by name, otherwise by number from 1.
/// </summary>
/// <param name="separator"><c>,</c> or a tab.</param>
/// <param name="columns">The columns that hold the text, joined by an empty line; at least one.</param>
/// <param name="hasHeading">Whether the first row names the columns.</param>
/// <param name="quoted">Whether quotation marks mean anything; many tab-separated files use none.</param>
public sealed class DelimitedReader(char separator, IReadOnlyList<string> columns, bool hasHeading = true, bool quoted = true) : DocumentReader
{
    private protected override IEnumerable<RawDocument> Records(CountingStream stream, string file, ReadLimits limits, ReadLog log)
    {
        var lines = new LineSource(stream, limits.RecordBytes);
        var places = hasHeading ? null : Places(null, out _);
        List<string> row = [];
        for (var number = 1L; ; number++)
        {
            var first = number;
            var wrong = ReadRow(lines, limits, row, ref number, out var position);
            if (wrong is null && row.Count == 0) yield break;
            if (wrong is not null)
            {
                log.Skip(file, position, $"row of line {first}: {wrong}");
                continue;
            }

            if (places is null)
            {
                places = Places(row, out var missing);
                if (missing is null) continue;
                log.Skip(file, position, missing);
                yield break;
            }

            if (row is [{ Length: 0 }]) continue;
            if (places.FirstOrDefault(place => place >= row.Count, -1) is var lacking and >= 0)
            {
                log.Skip(file, position, $"row of line {first}: it has {row.Count} columns, column {lacking + 1} is wanted");
                continue;
            }

            var text = string.Join("\n\n", places.Select(place => row[place]).Where(value => value.Length > 0));
            if (text.Length > 0) yield return new($"{file}:{first}", text, position);
            else log.PassOver();
        }
    }

    private int[]? Places(List<string>? heading, out string? missing)
    {
        var places = new int[columns.Count];
        missing = null;
        for (var i = 0; i < places.Length; i++)
        {
            places[i] = heading?.IndexOf(columns[i]) ?? -1;
            if (places[i] < 0 && int.TryParse(columns[i], NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 0) places[i] = number - 1;
            if (places[i] >= 0) continue;
            var known = heading is null ? "a number from 1, as there is no heading" : $"one of {Shortened(string.Join(", ", heading))}";
            missing = $"there is no column {columns[i]}; it is {known}";
            return null;
        }

        return places;
    }

    // A quoted value may go over several lines; a row that never closes its quotation mark ends at the record limit.
    private string? ReadRow(LineSource lines, ReadLimits limits, List<string> row, ref long number, out long position)
    {
        row.Clear();
        position = lines.Position;
        var value = new StringBuilder();
        var (inQuotes, total) = (false, 0L);
        while (lines.TryReadLine(out var line))
        {
            if (lines.IsTooLong) return $"it is longer than {limits.RecordBytes:N0} bytes";
            if (total == 0 && line.StartsWith("\uFEFF"u8)) line = line[3..];
            total += line.Length + 1;
            if (total > limits.RecordBytes) return $"it is longer than {limits.RecordBytes:N0} bytes; a quotation mark may not be closed";
            if (TextDecoding.TryUtf8(line, out var text) is { } wrong) return wrong;
            if (inQuotes) value.Append('\n');
            inQuotes = Divide(text, row, value, inQuotes);
            if (!inQuotes) return null;
            number++;
        }

        return inQuotes ? "its quotation mark is not closed before the end of the file" : null;
    }

    private bool Divide(string text, List<string> row, StringBuilder value, bool inQuotes)
    {
        for (var i = 0; i < text.Length; i++)
        {
            var letter = text[i];
            if (inQuotes)
            {
                if (letter != '"') value.Append(letter);
                else if (i + 1 < text.Length && text[i + 1] == '"') value.Append(text[i++]);
                else inQuotes = false;
            }
            else if (quoted && letter == '"' && value.Length == 0) inQuotes = true;
            else if (letter == separator) End();
            else value.Append(letter);
        }

        if (!inQuotes) End();
        return inQuotes;

        void End()
        {
            row.Add(value.ToString());
            value.Clear();
        }
    }

    private static string Shortened(string text) => text.Length > 200 ? text[..200] + "…" : text;
}
