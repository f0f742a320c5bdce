using System.Text;
using System.Text.Json;

namespace Stemma.Text.Corpora.Readers;

/// <summary>
/// JSON Lines: an object a line, whose text stands in one field. Fields of inner objects are reached by a path
/// (<c>content.body</c>). Several fields are joined by an empty line, those that are missing left out.
/// </summary>
/// <param name="fields">The paths of the fields that hold the text; at least one.</param>
/// <param name="nameField">The path of the field that names the document; null for the file and the line.</param>
/// <param name="markup">What the text is written in.</param>
public sealed class JsonLinesReader(IReadOnlyList<string> fields, string? nameField = null, Markup markup = Markup.None) : DocumentReader
{
    private readonly string[][] paths = [.. fields.Select(field => field.Split('.'))];
    private readonly string[]? namePath = nameField?.Split('.');

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

            if (number == 1 && line.StartsWith("\uFEFF"u8)) line = line[3..];
            if (line.Trim(" \t"u8).IsEmpty) continue;
            if (Parse(line, limits.JsonDepth, out var text, out var name) is { } wrong) log.Skip(file, lines.LineStart, $"line {number}: {wrong}");
            else yield return new(name.Length > 0 ? name : $"{file}:{number}", text, lines.LineStart, markup);
        }
    }

    private string? Parse(ReadOnlySpan<byte> line, int depth, out string text, out string name)
    {
        (text, name) = ("", "");
        var found = new string?[paths.Length];
        string? foundName = null;
        try
        {
            var json = new Utf8JsonReader(line, new JsonReaderOptions { MaxDepth = depth });
            if (!json.Read() || json.TokenType != JsonTokenType.StartObject) return "it is not a JSON object";
            List<string> path = [];
            while (json.Read())
            {
                if (json.TokenType == JsonTokenType.EndObject)
                {
                    if (path.Count > 0) path.RemoveAt(path.Count - 1);
                    continue;
                }

                if (json.TokenType != JsonTokenType.PropertyName) continue;
                path.Add(json.GetString()!);
                json.Read();
                switch (json.TokenType)
                {
                    case JsonTokenType.StartObject:
                        continue;
                    case JsonTokenType.StartArray:
                        json.Skip();
                        break;
                    case JsonTokenType.String:
                        for (var i = 0; i < paths.Length; i++)
                            if (Same(path, paths[i])) found[i] = json.GetString();
                        if (namePath is not null && Same(path, namePath)) foundName = json.GetString();
                        break;
                    case JsonTokenType.Number when namePath is not null && Same(path, namePath):
                        foundName = Encoding.UTF8.GetString(json.ValueSpan);
                        break;
                }

                path.RemoveAt(path.Count - 1);
            }
        }
        catch (JsonException error)
        {
            return error.Message.Contains("depth", StringComparison.OrdinalIgnoreCase) ? $"it is nested deeper than {depth}" : $"it is not JSON (byte {error.BytePositionInLine})";
        }
        catch (InvalidOperationException)
        {
            return "it holds a string that is not Unicode";
        }

        var given = found.Where(part => !string.IsNullOrEmpty(part)).ToArray();
        if (given.Length == 0) return found.Any(part => part is not null) ? "its text is empty" : $"it has no text in the field {string.Join(" or ", fields)}";
        text = string.Join("\n\n", given);
        if (text.Contains('\0', StringComparison.Ordinal)) return "it holds a NUL: it is not text";
        name = foundName ?? "";
        return null;
    }

    private static bool Same(List<string> path, string[] wanted)
    {
        if (path.Count != wanted.Length) return false;
        for (var i = wanted.Length - 1; i >= 0; i--)
            if (path[i] != wanted[i]) return false;
        return true;
    }
}
