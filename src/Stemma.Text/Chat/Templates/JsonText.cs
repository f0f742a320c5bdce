using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Stemma.Text.Chat.Templates;

/// <summary>JSON to values and back, as <c>json.dumps(value, ensure_ascii=False)</c> writes it, which is Hugging Face's <c>tojson</c>.</summary>
internal static class JsonText
{
    private const int MaxNesting = 100;

    /// <summary>A JSON value for a template.</summary>
    /// <exception cref="TextFormatException">A number is too large, a string is not Unicode or the nesting is too deep.</exception>
    public static object? Read(JsonElement json, int nesting = 0)
    {
        if (nesting > MaxNesting) throw new TextFormatException($"The JSON is nested more than {MaxNesting} deep.");
        switch (json.ValueKind)
        {
            case JsonValueKind.Object:
                TemplateMap map = [];
                foreach (var member in json.EnumerateObject()) map[Guard(() => member.Name)] = Read(member.Value, nesting + 1);
                return map;
            case JsonValueKind.Array:
                return json.EnumerateArray().Select(item => Read(item, nesting + 1)).ToList();
            case JsonValueKind.String: return Guard(() => json.GetString()!);
            case JsonValueKind.Number:
                if (json.TryGetInt64(out var whole)) return whole;
                var spelling = json.GetRawText();
                if (spelling.AsSpan().IndexOfAny('.', 'e', 'E') < 0) throw new TextFormatException($"The number {spelling[..Math.Min(40, spelling.Length)]} has more than 18 digits; write it as a string.");
                return json.GetDouble();
            case JsonValueKind.True: return true;
            case JsonValueKind.False: return false;
            default: return null;
        }
    }

    /// <summary>Writes a value; null when it holds something that JSON cannot.</summary>
    public static string? Write(object? value, int? indent, string? itemSeparator, string? keySeparator, bool sortKeys)
    {
        var writer = new Writer(indent, itemSeparator ?? (indent is null ? ", " : ","), keySeparator ?? ": ", sortKeys);
        return writer.TryWrite(value, 0) ? writer.Text : null;
    }

    private static string Guard(Func<string> read)
    {
        try
        {
            return read();
        }
        catch (InvalidOperationException exception)
        {
            throw new TextFormatException("The JSON holds text that is not Unicode (a lone surrogate).", exception);
        }
    }

    private sealed class Writer(int? indent, string itemSeparator, string keySeparator, bool sortKeys)
    {
        private readonly StringBuilder text = new();

        public string Text => text.ToString();

        public bool TryWrite(object? value, int depth)
        {
            if (depth > MaxNesting) return false;
            switch (value)
            {
                case null: text.Append("null"); return true;
                case bool flag: text.Append(flag ? "true" : "false"); return true;
                case long number: text.Append(number.ToString(CultureInfo.InvariantCulture)); return true;
                case double number: text.Append(double.IsNaN(number) ? "NaN" : double.IsInfinity(number) ? number > 0 ? "Infinity" : "-Infinity" : PythonText.Spell(number)); return true;
                case string letters: WriteString(letters); return true;
                case List<object?> list: return TryWriteAll(list, '[', ']', depth, item => TryWrite(item, depth + 1));
                case TemplateMap map:
                    return TryWriteAll(sortKeys ? [.. map.OrderBy(pair => pair.Key, Comparer<string>.Create(PythonText.Compare))] : map.ToList(), '{', '}', depth, pair =>
                    {
                        WriteString(pair.Key);
                        text.Append(keySeparator);
                        return TryWrite(pair.Value, depth + 1);
                    });
                default: return false;
            }
        }

        private bool TryWriteAll<T>(List<T> items, char opening, char closing, int depth, Func<T, bool> write)
        {
            text.Append(opening);
            for (var i = 0; i < items.Count; i++)
            {
                if (i > 0) text.Append(itemSeparator);
                Break(depth + 1);
                if (!write(items[i])) return false;
            }

            if (items.Count > 0) Break(depth);
            text.Append(closing);
            return true;
        }

        private void Break(int depth)
        {
            if (indent is { } width) text.Append('\n').Append(' ', width * depth);
        }

        private void WriteString(string letters)
        {
            text.Append('"');
            foreach (var c in letters)
            {
                switch (c)
                {
                    case '"': text.Append("\\\""); break;
                    case '\\': text.Append("\\\\"); break;
                    case '\n': text.Append("\\n"); break;
                    case '\r': text.Append("\\r"); break;
                    case '\t': text.Append("\\t"); break;
                    case '\b': text.Append("\\b"); break;
                    case '\f': text.Append("\\f"); break;
                    case < ' ': text.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}"); break;
                    default: text.Append(c); break;
                }
            }

            text.Append('"');
        }
    }
}
