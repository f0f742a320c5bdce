namespace Stemma.Text.Chat.Templates;

/// <summary>The functions that every template has.</summary>
internal static class Functions
{
    private const int MaxRange = 100_000;

    public static void Define(Scope scope)
    {
        Define(scope, "range", Range);
        Define(scope, "namespace", call => MakeNamespace(call));
        Define(scope, "dict", call => call.Positional.Count == 0 ? call.Named : throw call.Error("\"dict\" takes named values only."));
        Define(scope, "raise_exception", call => throw call.Error($"the template refuses these messages: {Values.Text(call.Bind(["message"], 1)[0])}"));
        Define(scope, "strftime_now", call => TimeText.Format(call.State.Now, call.Text(call.Bind(["format"], 1)[0], "format"), out var unknown)
            ?? throw call.Error($"the directive {unknown} of \"strftime_now\" is not supported."));
    }

    private static void Define(Scope scope, string name, Func<Call, object?> function) => scope.Set(name, new Callable(name, function));

    private static TemplateNamespace MakeNamespace(Call call)
    {
        if (call.Positional.Count > 1 || (call.Positional.Count == 1 && call.Positional[0] is not TemplateMap)) throw call.Error("\"namespace\" takes named values, or one mapping.");
        var space = new TemplateNamespace();
        if (call.Positional.Count == 1)
            foreach (var (key, value) in (TemplateMap)call.Positional[0]!) space.Fields[key] = value;
        foreach (var (key, value) in call.Named) space.Fields[key] = value;
        return space;
    }

    private static List<object?> Range(Call call)
    {
        if (call.Named.Count > 0 || call.Positional.Count is < 1 or > 3) throw call.Error("\"range\" takes one to three whole numbers.");
        var numbers = call.Positional.Select(value => call.Integer(value, "a bound")).ToArray();
        var (start, stop, step) = numbers.Length == 1 ? (0, numbers[0], 1L) : (numbers[0], numbers[1], numbers.Length == 3 ? numbers[2] : 1);
        if (step == 0) throw call.Error("the step of \"range\" must not be 0.");
        var count = step > 0 ? ((Int128)stop - start + step - 1) / step : ((Int128)start - stop - step - 1) / -(Int128)step;
        if (count > MaxRange) throw call.Error($"\"range\" makes more than {MaxRange:N0} numbers.");
        List<object?> range = [];
        for (var i = 0L; i < (long)count; i++) range.Add(start + i * step);
        return range;
    }
}
