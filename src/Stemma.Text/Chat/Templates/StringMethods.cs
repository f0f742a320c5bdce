using System.Text;

namespace Stemma.Text.Chat.Templates;

/// <summary>The methods of Python's strings that templates use.</summary>
internal static class StringMethods
{
    public static Callable? Find(string text, string name)
    {
        Func<Call, object?>? method = name switch
        {
            "strip" => call => PythonText.TrimStart(PythonText.TrimEnd(text, Characters(call)), Characters(call)),
            "lstrip" => call => PythonText.TrimStart(text, Characters(call)),
            "rstrip" => call => PythonText.TrimEnd(text, Characters(call)),
            "startswith" => call => Parts(call).Exists(part => text.StartsWith(part, StringComparison.Ordinal)),
            "endswith" => call => Parts(call).Exists(part => text.EndsWith(part, StringComparison.Ordinal)),
            "removeprefix" => call => OneText(call) is var part && text.StartsWith(part, StringComparison.Ordinal) ? text[part.Length..] : text,
            "removesuffix" => call => OneText(call) is var part && text.EndsWith(part, StringComparison.Ordinal) ? text[..^part.Length] : text,
            "upper" => call => Plain(call, PythonText.Upper(text)),
            "lower" => call => Plain(call, PythonText.Lower(text)),
            "title" => call => Plain(call, PythonText.Title(text)),
            "capitalize" => call => Plain(call, PythonText.Capitalize(text)),
            "isdigit" => call => Plain(call, text.Length > 0 && text.All(char.IsDigit)),
            "isalpha" => call => Plain(call, text.Length > 0 && text.EnumerateRunes().All(Rune.IsLetter)),
            "isalnum" => call => Plain(call, text.Length > 0 && text.EnumerateRunes().All(Rune.IsLetterOrDigit)),
            "isspace" => call => Plain(call, text.Length > 0 && text.All(PythonText.IsSpace)),
            "isupper" => call => Plain(call, text.EnumerateRunes().Any(Rune.IsUpper) && !text.EnumerateRunes().Any(Rune.IsLower)),
            "islower" => call => Plain(call, text.EnumerateRunes().Any(Rune.IsLower) && !text.EnumerateRunes().Any(Rune.IsUpper)),
            "splitlines" => call => Lines(call, text),
            "split" => call => Split(call, text, fromEnd: false),
            "rsplit" => call => Split(call, text, fromEnd: true),
            "replace" => call => Replace(call, text),
            "join" => call => Join(call, text),
            "find" => call => Position(text, text.IndexOf(OneText(call), StringComparison.Ordinal)),
            "rfind" => call => Position(text, OneText(call) is { Length: > 0 } part ? text.LastIndexOf(part, StringComparison.Ordinal) : text.Length),
            "index" => call => text.IndexOf(OneText(call), StringComparison.Ordinal) is var at and >= 0 ? Position(text, at) : throw call.Error("\"index\" does not find the text."),
            "count" => call => OneText(call) is { Length: > 0 } part ? (long)text.AsSpan().Count(part) : PythonText.Length(text) + 1L,
            _ => null,
        };
        return method is null ? null : new(name, method);
    }

    /// <summary>Replaces up to a number of occurrences; all when negative. An empty text stands between all characters.</summary>
    public static string Replace(Call call, string text, string old, string replacement, long count)
    {
        if (old.Length == 0)
        {
            var letters = PythonText.Characters(text);
            var all = new StringBuilder();
            for (var i = 0; i <= letters.Count; i++)
            {
                if (count < 0 || i < count) all.Append(replacement);
                call.State.Spend(replacement.Length + 1, call.Position);
                if (i < letters.Count) all.Append((string)letters[i]!);
            }

            return all.ToString();
        }

        var result = new StringBuilder();
        var from = 0;
        for (var at = text.IndexOf(old, StringComparison.Ordinal); at >= 0 && count != 0; at = text.IndexOf(old, from, StringComparison.Ordinal), count--)
        {
            call.State.Spend(at - from + replacement.Length, call.Position);
            result.Append(text, from, at - from).Append(replacement);
            from = at + old.Length;
        }

        return result.Append(text, from, text.Length - from).ToString();
    }

    private static long Position(string text, int index) => index <= 0 ? index : PythonText.Length(text[..index]);

    private static T Plain<T>(Call call, T value)
    {
        call.TakesNothing();
        return value;
    }

    private static string? Characters(Call call) => call.Bind(["chars"])[0] is { } characters ? call.Text(characters, "characters") : null;

    private static string OneText(Call call) => call.Text(call.Bind(["text"], 1)[0], "text");

    private static List<string> Parts(Call call) =>
        call.Bind(["text"], 1)[0] is List<object?> list ? [.. list.Select(part => call.Text(part, "text"))] : [OneText(call)];

    private static string Replace(Call call, string text)
    {
        var given = call.Bind(["old", "new", "count"], 2);
        return Replace(call, text, call.Text(given[0], "old"), call.Text(given[1], "new"), given[2] is null ? -1 : call.Integer(given[2], "count"));
    }

    private static string Join(Call call, string text)
    {
        var parts = call.Items(call.Bind(["parts"], 1)[0]).Select(part => call.Text(part, "a part")).ToList();
        call.State.Spend(parts.Sum(part => (long)part.Length + text.Length), call.Position);
        return string.Join(text, parts);
    }

    private static List<object?> Split(Call call, string text, bool fromEnd)
    {
        var given = call.Bind(["sep", "maxsplit"]);
        var most = given[1] is null ? -1 : call.Integer(given[1], "maxsplit");
        List<string> parts = [];
        if (given[0] is null) SplitOnSpace(text, most, fromEnd, parts);
        else if (call.Text(given[0], "sep") is { Length: > 0 } separator) SplitOn(text, separator, most, fromEnd, parts);
        else throw call.Error("the separator of \"split\" is empty.");
        if (fromEnd) parts.Reverse();
        return [.. parts];
    }

    private static void SplitOn(string text, string separator, long most, bool fromEnd, List<string> parts)
    {
        while (most < 0 || parts.Count < most)
        {
            var at = fromEnd ? text.LastIndexOf(separator, StringComparison.Ordinal) : text.IndexOf(separator, StringComparison.Ordinal);
            if (at < 0) break;
            var (before, after) = (text[..at], text[(at + separator.Length)..]);
            parts.Add(fromEnd ? after : before);
            text = fromEnd ? before : after;
        }

        parts.Add(text);
    }

    private static void SplitOnSpace(string text, long most, bool fromEnd, List<string> parts)
    {
        while (true)
        {
            text = fromEnd ? PythonText.TrimEnd(text) : PythonText.TrimStart(text);
            if (text.Length == 0) return;
            if (most >= 0 && parts.Count == most)
            {
                parts.Add(fromEnd ? text : text);
                return;
            }

            var at = fromEnd ? text.Length - 1 : 0;
            while (at >= 0 && at < text.Length && !PythonText.IsSpace(text[at])) at += fromEnd ? -1 : 1;
            parts.Add(fromEnd ? text[(at + 1)..] : text[..at]);
            text = fromEnd ? text[..Math.Max(0, at)] : text[at..];
        }
    }

    private static List<object?> Lines(Call call, string text)
    {
        var keep = Values.IsTrue(call.Bind(["keepends"])[0]);
        List<object?> lines = [];
        for (var start = 0; start < text.Length;)
        {
            var end = start;
            while (end < text.Length && text[end] is not ('\n' or '\r' or '\v' or '\f' or '\x1c' or '\x1d' or '\x1e' or '\x85' or '\u2028' or '\u2029')) end++;
            var next = end < text.Length ? end + (text[end] == '\r' && end + 1 < text.Length && text[end + 1] == '\n' ? 2 : 1) : end;
            lines.Add(text[start..(keep ? next : end)]);
            start = next;
        }

        return lines;
    }
}
