using System.Globalization;

namespace Stemma.Text.Chat.Templates;

/// <summary>
/// What a template computes with: <see langword="null"/> (none), <see cref="Undefined"/>, bool, long, double, string, lists, mappings,
/// namespaces, functions; and Python's rules for truth, text, equality and order among them.
/// </summary>
internal static class Values
{
    private const int MaxNesting = 100;

    public static bool IsTrue(object? value) => value switch
    {
        null or Undefined => false,
        bool flag => flag,
        long number => number != 0,
        double number => number != 0,
        string text => text.Length > 0,
        List<object?> list => list.Count > 0,
        TemplateMap map => map.Count > 0,
        _ => true,
    };

    public static string TypeName(object? value) => value switch
    {
        null => "none",
        Undefined => "an undefined value",
        bool => "a boolean",
        long => "a whole number",
        double => "a number",
        string => "a string",
        List<object?> => "a list",
        TemplateMap => "a mapping",
        TemplateNamespace => "a namespace",
        _ => "a function",
    };

    /// <summary>A value for a complaint; an undefined one says what is missing.</summary>
    public static string Describe(object? value) => value is Undefined undefined ? $"an undefined value ({undefined.Complaint})" : TypeName(value);

    /// <summary>As Python's <c>str</c>.</summary>
    public static string Text(object? value) => value switch
    {
        string text => text,
        Undefined => "",
        _ => Repr(value, 0),
    };

    private static string Repr(object? value, int nesting) => nesting > MaxNesting ? "..." : value switch
    {
        null => "None",
        bool flag => flag ? "True" : "False",
        long number => number.ToString(CultureInfo.InvariantCulture),
        double number => PythonText.Spell(number),
        string text => PythonText.Repr(text),
        TemplateTuple tuple => $"({string.Join(", ", tuple.Select(item => Repr(item, nesting + 1)))}{(tuple.Count == 1 ? "," : "")})",
        List<object?> list => $"[{string.Join(", ", list.Select(item => Repr(item, nesting + 1)))}]",
        TemplateMap map => $"{{{string.Join(", ", map.Select(pair => $"{PythonText.Repr(pair.Key)}: {Repr(pair.Value, nesting + 1)}"))}}}",
        Undefined => "Undefined",
        TemplateNamespace => "<Namespace>",
        Callable callable => $"<function {callable.Name}>",
        _ => "",
    };

    public static bool AreEqual(object? left, object? right) => AreEqual(left, right, 0);

    private static bool AreEqual(object? left, object? right, int nesting) => (left, right) switch
    {
        _ when nesting > MaxNesting => false,
        (null, null) or (Undefined, Undefined) => true,
        (string x, string y) => x == y,
        (long x, long y) => x == y,
        (bool or long or double, bool or long or double) => Number(left) == Number(right),
        (List<object?> x, List<object?> y) => x is TemplateTuple == y is TemplateTuple && x.Count == y.Count && x.Zip(y).All(pair => AreEqual(pair.First, pair.Second, nesting + 1)),
        (TemplateMap x, TemplateMap y) => x.Count == y.Count && x.All(pair => y.TryGetValue(pair.Key, out var other) && AreEqual(pair.Value, other, nesting + 1)),
        _ => ReferenceEquals(left, right),
    };

    public static bool IsNumber(object? value) => value is bool or long or double;

    public static double Number(object? value) => value switch { bool flag => flag ? 1 : 0, long number => number, _ => (double)value! };

    public static long? Integer(object? value) => value switch { bool flag => flag ? 1 : 0, long number => number, _ => null };

    /// <summary>The order of two values; null where Python has none.</summary>
    public static int? Compare(object? left, object? right) => (left, right) switch
    {
        (string x, string y) => PythonText.Compare(x, y),
        (long x, long y) => x.CompareTo(y),
        _ when IsNumber(left) && IsNumber(right) => Number(left).CompareTo(Number(right)),
        (List<object?> x, List<object?> y) => CompareLists(x, y),
        _ => null,
    };

    private static int? CompareLists(List<object?> left, List<object?> right)
    {
        for (var i = 0; i < Math.Min(left.Count, right.Count); i++)
            if (!AreEqual(left[i], right[i])) return Compare(left[i], right[i]);
        return left.Count.CompareTo(right.Count);
    }

    /// <summary>What a loop over a value goes through; null where it cannot.</summary>
    public static List<object?>? Items(object? value) => value switch
    {
        List<object?> list => list,
        string text => PythonText.Characters(text),
        TemplateMap map => [.. map.Keys],
        Undefined => [],
        _ => null,
    };
}
