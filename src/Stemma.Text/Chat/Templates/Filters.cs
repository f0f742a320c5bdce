using System.Globalization;
using System.Text;

namespace Stemma.Text.Chat.Templates;

/// <summary>The filters that templates use, by name. <c>tojson</c> is Hugging Face's: it leaves <c>&lt;</c> and its like as they are.</summary>
internal static class Filters
{
    private static readonly Dictionary<string, Func<object?, Call, object?>> s_all = new(StringComparer.Ordinal)
    {
        ["abs"] = (value, call) => value is double number ? Math.Abs(number) : (object)Math.Abs(Math.Max(call.Integer(value, "value"), -long.MaxValue)),
        ["capitalize"] = (value, call) => Plain(call, PythonText.Capitalize(Values.Text(value))),
        ["count"] = (value, call) => Length(value, call),
        ["default"] = Default,
        ["d"] = Default,
        ["dictsort"] = (value, call) => Plain(call, value is TemplateMap map
            ? map.OrderBy(pair => PythonText.Lower(pair.Key), Comparer<string>.Create(PythonText.Compare)).Select(pair => (object?)new TemplateTuple([pair.Key, pair.Value])).ToList()
            : throw call.Error($"\"dictsort\" needs a mapping, not {Values.Describe(value)}.")),
        ["e"] = Escape,
        ["escape"] = Escape,
        ["first"] = (value, call) => Plain(call, call.Items(value) is { Count: > 0 } items ? items[0] : new Undefined("an empty list has no first item")),
        ["float"] = (value, call) => Values.IsNumber(value) ? Values.Number(value)
            : double.TryParse(value as string, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : call.Bind(["default"])[0] ?? 0.0,
        ["indent"] = Indent,
        ["int"] = (value, call) => value is double real && Math.Abs(real) < 9e18 ? (long)real : Values.Integer(value)
            ?? (long.TryParse(value as string, NumberStyles.AllowLeadingSign | NumberStyles.AllowLeadingWhite | NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture, out var whole) ? whole
                : double.TryParse(value as string, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && Math.Abs(number) < 9e18 ? (long)number : call.Bind(["default"])[0] ?? 0L),
        ["items"] = (value, call) => Plain(call, value is Undefined ? [] : value is TemplateMap map
            ? map.Select(pair => (object?)new TemplateTuple([pair.Key, pair.Value])).ToList()
            : throw call.Error($"\"items\" needs a mapping, not {Values.TypeName(value)}.")),
        ["join"] = Join,
        ["last"] = (value, call) => Plain(call, call.Items(value) is { Count: > 0 } items ? items[^1] : new Undefined("an empty list has no last item")),
        ["length"] = (value, call) => Length(value, call),
        ["list"] = (value, call) => Plain(call, new List<object?>(call.Items(value))),
        ["lower"] = (value, call) => Plain(call, PythonText.Lower(Values.Text(value))),
        ["map"] = Map,
        ["max"] = (value, call) => Plain(call, Extreme(value, call, sign: 1)),
        ["min"] = (value, call) => Plain(call, Extreme(value, call, sign: -1)),
        ["reject"] = (value, call) => Select(value, call, wanted: false),
        ["rejectattr"] = (value, call) => SelectByField(value, call, wanted: false),
        ["replace"] = (value, call) => call.Bind(["old", "new", "count"], 2) is var given
            ? StringMethods.Replace(call, Values.Text(value), Values.Text(given[0]), Values.Text(given[1]), given[2] is null ? -1 : call.Integer(given[2], "count"))
            : null,
        ["reverse"] = (value, call) => Plain(call, value is string text ? string.Concat(Enumerable.Reverse(PythonText.Characters(text))) : Enumerable.Reverse(call.Items(value)).ToList()),
        ["round"] = (value, call) => call.Bind(["precision"])[0] is var precision && Values.IsNumber(value)
            ? Math.Round(Values.Number(value), (int)Math.Clamp(precision is null ? 0 : call.Integer(precision, "precision"), 0, 15), MidpointRounding.ToEven)
            : throw call.Error($"\"round\" needs a number, not {Values.Describe(value)}."),
        ["safe"] = (value, call) => Plain(call, Values.Text(value)),
        ["select"] = (value, call) => Select(value, call, wanted: true),
        ["selectattr"] = (value, call) => SelectByField(value, call, wanted: true),
        ["sort"] = Sort,
        ["string"] = (value, call) => Plain(call, Values.Text(value)),
        ["sum"] = (value, call) => Plain(call, call.Items(value).Aggregate((object?)0L, (sum, item) => Operators.Apply(call.State, call.Position, "+", sum, item))),
        ["title"] = (value, call) => Plain(call, Title(Values.Text(value))),
        ["tojson"] = ToJson,
        ["trim"] = (value, call) => call.Bind(["chars"])[0] is { } characters
            ? PythonText.TrimStart(PythonText.TrimEnd(Values.Text(value), call.Text(characters, "characters")), (string)characters)
            : PythonText.TrimStart(PythonText.TrimEnd(Values.Text(value))),
        ["unique"] = (value, call) => Plain(call, Unique(call.Items(value))),
        ["upper"] = (value, call) => Plain(call, PythonText.Upper(Values.Text(value))),
        ["wordcount"] = (value, call) => Plain(call, (long)Values.Text(value).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Length),
    };

    public static IEnumerable<string> Names => s_all.Keys;

    public static Func<object?, Call, object?>? Find(string name) => s_all.GetValueOrDefault(name);

    private static object? Plain(Call call, object? value)
    {
        call.TakesNothing();
        return value;
    }

    private static long Length(object? value, Call call)
    {
        call.TakesNothing();
        return value switch
        {
            string text => (long)PythonText.Length(text),
            List<object?> list => (long)list.Count,
            TemplateMap map => (long)map.Count,
            Undefined => 0L,
            _ => throw call.Error($"{Values.TypeName(value)} has no length."),
        };
    }

    private static object? Default(object? value, Call call)
    {
        var given = call.Bind(["default_value", "boolean"]);
        return value is Undefined || (Values.IsTrue(given[1]) && !Values.IsTrue(value)) ? given[0] ?? (call.Positional.Count + call.Named.Count == 0 ? "" : null) : value;
    }

    private static string Escape(object? value, Call call)
    {
        call.TakesNothing();
        return Values.Text(value).Replace("&", "&amp;", StringComparison.Ordinal).Replace("<", "&lt;", StringComparison.Ordinal).Replace(">", "&gt;", StringComparison.Ordinal)
            .Replace("\"", "&#34;", StringComparison.Ordinal).Replace("'", "&#39;", StringComparison.Ordinal);
    }

    private static string Indent(object? value, Call call)
    {
        var given = call.Bind(["width", "first", "blank"]);
        var indentation = given[0] as string ?? new string(' ', (int)Math.Clamp(given[0] is null ? 4 : call.Integer(given[0], "width"), 0, 1000));
        var (first, blank) = (Values.IsTrue(given[1]), Values.IsTrue(given[2]));
        var lines = ((List<object?>)StringMethods.Find(Values.Text(value) + "\n", "splitlines")!.Invoke(new(call.State, call.Name, call.Position, [], []))!).Cast<string>().ToList();
        call.State.Spend((long)lines.Count * indentation.Length, call.Position);
        return string.Join('\n', lines.Select((line, i) => (i == 0 ? first : blank || line.Length > 0) ? indentation + line : line));
    }

    private static string Join(object? value, Call call)
    {
        var given = call.Bind(["d", "attribute"]);
        var parts = call.Items(value).Select(item => Values.Text(given[1] is null ? item : Field(call, item, given[1]))).ToList();
        var separator = given[0] is null ? "" : Values.Text(given[0]);
        call.State.Spend(parts.Sum(part => (long)part.Length + separator.Length), call.Position);
        return string.Join(separator, parts);
    }

    private static List<object?> Map(object? value, Call call)
    {
        if (call.Named.TryGetValue("attribute", out var attribute))
        {
            var otherwise = call.Named.GetValueOrDefault("default");
            return [.. call.Items(value).Select(item => Field(call, item, attribute) is var field && field is Undefined && otherwise is not null ? otherwise : field)];
        }

        if (call.Positional.Count == 0 || call.Positional[0] is not string name) throw call.Error("\"map\" needs the name of a filter or attribute=….");
        var filter = Find(name) ?? throw call.Error($"there is no filter \"{name}\". There are {string.Join(", ", Names)}.");
        var inner = new Call(call.State, name, call.Position, call.Positional[1..], call.Named);
        return [.. call.Items(value).Select(item => filter(item, inner))];
    }

    private static List<object?> Select(object? value, Call call, bool wanted)
    {
        var passes = Condition(call, 0);
        return [.. call.Items(value).Where(item => passes(item) == wanted)];
    }

    private static List<object?> SelectByField(object? value, Call call, bool wanted)
    {
        if (call.Positional.Count == 0) throw call.Error($"\"{call.Name}\" needs the name of a field.");
        var passes = Condition(call, 1);
        return [.. call.Items(value).Where(item => passes(Field(call, item, call.Positional[0])) == wanted)];
    }

    private static Func<object?, bool> Condition(Call call, int at)
    {
        if (call.Positional.Count <= at) return Values.IsTrue;
        var name = call.Text(call.Positional[at], "the test");
        var test = Tests.Find(name) ?? throw call.Error($"there is no test \"{name}\". There are {string.Join(", ", Tests.Names)}.");
        var inner = new Call(call.State, name, call.Position, call.Positional[(at + 1)..], call.Named);
        return item => test(item, inner);
    }

    /// <summary>A field by a path like <c>function.name</c> or <c>0</c>.</summary>
    private static object? Field(Call call, object? item, object? path)
    {
        if (Values.Integer(path) is not null) return Members.Item(call.State, call.Position, item, path);
        foreach (var name in call.Text(path, "attribute").Split('.'))
            item = Members.Item(call.State, call.Position, item, long.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var index) ? index : name);
        return item;
    }

    private static List<object?> Sort(object? value, Call call)
    {
        var given = call.Bind(["reverse", "case_sensitive", "attribute"]);
        var comparer = Comparer<object?>.Create((x, y) => Values.Compare(x, y) ?? throw call.Error($"\"sort\" cannot order {Values.Describe(x)} and {Values.Describe(y)}."));
        object? Key(object? item) => (given[2] is null ? item : Field(call, item, given[2])) is var key && key is string text && !Values.IsTrue(given[1]) ? PythonText.Lower(text) : key;
        try
        {
            return Values.IsTrue(given[0]) ? [.. call.Items(value).OrderByDescending(Key, comparer)] : [.. call.Items(value).OrderBy(Key, comparer)];
        }
        catch (InvalidOperationException exception) when (exception.InnerException is TextFormatException inner)
        {
            throw inner;
        }
    }

    private static object? Extreme(object? value, Call call, int sign)
    {
        object? best = new Undefined("an empty list has no largest or smallest item");
        foreach (var item in call.Items(value))
        {
            var order = best is Undefined ? 1 : Values.Compare(item, best) ?? throw call.Error($"\"{call.Name}\" cannot order {Values.Describe(item)} and {Values.Describe(best)}.");
            if (best is Undefined || order * sign > 0) best = item;
        }

        return best;
    }

    private static List<object?> Unique(List<object?> items)
    {
        List<object?> kept = [];
        foreach (var item in items)
            if (!kept.Exists(other => Values.AreEqual(Folded(other), Folded(item)))) kept.Add(item);
        return kept;

        static object? Folded(object? item) => item is string text ? PythonText.Lower(text) : item;
    }

    /// <summary>The filter's own rule: a letter at the start, or after white space, a hyphen or an opening bracket, is large.</summary>
    private static string Title(string text)
    {
        var result = new StringBuilder(text.Length);
        var starts = true;
        foreach (var rune in text.EnumerateRunes())
        {
            var letter = rune.ToString();
            var isBreak = letter[0] is '-' or '(' or '{' or '[' or '<' || PythonText.IsSpace(letter[0]);
            result.Append(starts && !isBreak ? PythonText.Upper(letter) : PythonText.Lower(letter));
            starts = isBreak;
        }

        return result.ToString();
    }

    private static string ToJson(object? value, Call call)
    {
        var given = call.Bind(["ensure_ascii", "indent", "separators", "sort_keys"]);
        if (Values.IsTrue(given[0])) throw call.Error("\"tojson\" with ensure_ascii is not supported.");
        var separators = given[2] as List<object?>;
        if (given[2] is not null && separators is not { Count: 2 }) throw call.Error("\"separators\" must be two strings.");
        var text = JsonText.Write(
            value, given[1] is null ? null : (int)Math.Clamp(call.Integer(given[1], "indent"), 0, 100), separators?[0] as string, separators?[1] as string, Values.IsTrue(given[3]))
            ?? throw call.Error($"\"tojson\" cannot write {Values.Describe(value)}, or something in it.");
        call.State.Spend(text.Length, call.Position);
        return text;
    }
}
