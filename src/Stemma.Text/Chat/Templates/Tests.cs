namespace Stemma.Text.Chat.Templates;

/// <summary>What can stand behind <c>is</c>, by name.</summary>
internal static class Tests
{
    private static readonly Dictionary<string, Func<object?, Call, bool>> s_all = new(StringComparer.Ordinal)
    {
        ["defined"] = (value, call) => Plain(call, value is not Undefined),
        ["undefined"] = (value, call) => Plain(call, value is Undefined),
        ["none"] = (value, call) => Plain(call, value is null),
        ["string"] = (value, call) => Plain(call, value is string),
        ["mapping"] = (value, call) => Plain(call, value is TemplateMap),
        ["sequence"] = (value, call) => Plain(call, value is string or List<object?> or TemplateMap or Undefined),
        ["iterable"] = (value, call) => Plain(call, value is string or List<object?> or TemplateMap or Undefined),
        ["number"] = (value, call) => Plain(call, Values.IsNumber(value)),
        ["integer"] = (value, call) => Plain(call, value is long),
        ["float"] = (value, call) => Plain(call, value is double),
        ["boolean"] = (value, call) => Plain(call, value is bool),
        ["true"] = (value, call) => Plain(call, value is true),
        ["false"] = (value, call) => Plain(call, value is false),
        ["callable"] = (value, call) => Plain(call, value is Callable),
        ["odd"] = (value, call) => Plain(call, call.Integer(value, "value") % 2 != 0),
        ["even"] = (value, call) => Plain(call, call.Integer(value, "value") % 2 == 0),
        ["divisibleby"] = (value, call) => Values.AreEqual(Operators.Apply(call.State, call.Position, "%", value, call.Bind(["num"], 1)[0]), 0L),
        ["lower"] = (value, call) => Plain(call, Values.Text(value) is var text && text == PythonText.Lower(text) && text != PythonText.Upper(text)),
        ["upper"] = (value, call) => Plain(call, Values.Text(value) is var text && text == PythonText.Upper(text) && text != PythonText.Lower(text)),
        ["in"] = (value, call) => Operators.Contains(call.State, call.Position, call.Bind(["container"], 1)[0], value),
        ["eq"] = Compares("=="),
        ["equalto"] = Compares("=="),
        ["=="] = Compares("=="),
        ["ne"] = Compares("!="),
        ["!="] = Compares("!="),
        ["lt"] = Compares("<"),
        ["lessthan"] = Compares("<"),
        ["<"] = Compares("<"),
        ["le"] = Compares("<="),
        ["<="] = Compares("<="),
        ["gt"] = Compares(">"),
        ["greaterthan"] = Compares(">"),
        [">"] = Compares(">"),
        ["ge"] = Compares(">="),
        [">="] = Compares(">="),
    };

    public static IEnumerable<string> Names => s_all.Keys;

    public static Func<object?, Call, bool>? Find(string name) => s_all.GetValueOrDefault(name);

    private static bool Plain(Call call, bool value)
    {
        call.TakesNothing();
        return value;
    }

    private static Func<object?, Call, bool> Compares(string operation) => (value, call) => Operators.Holds(call.State, call.Position, operation, value, call.Bind(["other"], 1)[0]);
}
