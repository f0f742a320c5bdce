namespace Stemma.Text.Chat.Templates;

/// <summary>What stands behind a dot or in brackets: fields, items, and the methods of strings, lists and mappings.</summary>
internal static class Members
{
    public static object? Attribute(RenderState state, int position, object? value, string name)
    {
        if (value is Undefined undefined) throw state.Source.Error(position, $"{undefined.Complaint}, so it has no \"{name}\".");
        if (value is TemplateNamespace space) return space.Fields.TryGetValue(name, out var field) ? field : new Undefined($"the namespace has no \"{name}\"");
        if (value is LoopVariable loop) return loop.Field(name);
        if (Method(value, name) is { } method) return method;
        return value is TemplateMap map && map.TryGetValue(name, out var item) ? item : Missing(value, name);
    }

    public static object? Item(RenderState state, int position, object? value, object? key)
    {
        switch (value, key)
        {
            case (Undefined undefined, _): throw state.Source.Error(position, $"{undefined.Complaint}, so it has no items.");
            case (TemplateMap map, string name): return map.TryGetValue(name, out var item) ? item : (object?)Method(value, name) ?? Missing(value, name);
            case (TemplateNamespace or LoopVariable, string name): return Attribute(state, position, value, name);
            case (_, string name): return (object?)Method(value, name) ?? Missing(value, name);
        }

        if (value is not (string or List<object?>) || Values.Integer(key) is not { } index) return Missing(value, Values.Text(key));
        var items = Values.Items(value)!;
        if (index < 0) index += items.Count;
        return index >= 0 && index < items.Count ? items[(int)index] : new Undefined($"{Values.TypeName(value)} of {items.Count} has no item {Values.Text(key)}");
    }

    private static Undefined Missing(object? value, string name) => new($"{Values.TypeName(value)} has no \"{name}\"");

    private static Callable? Method(object? value, string name) => value switch
    {
        string text => StringMethods.Find(text, name),
        TemplateMap map => MapMethod(map, name),
        List<object?> list => ListMethod(list, name),
        _ => null,
    };

    private static Callable? MapMethod(TemplateMap map, string name) => name switch
    {
        "items" => new(name, call =>
        {
            call.TakesNothing();
            return map.Select(pair => (object?)new TemplateTuple([pair.Key, pair.Value])).ToList();
        }),
        "keys" => new(name, call =>
        {
            call.TakesNothing();
            return map.Keys.Cast<object?>().ToList();
        }),
        "values" => new(name, call =>
        {
            call.TakesNothing();
            return map.Values.ToList();
        }),
        "get" => new(name, call => call.Bind(["key", "default"], 1) is var given && given[0] is string key && map.TryGetValue(key, out var item) ? item : given[1]),
        "copy" => new(name, call =>
        {
            call.TakesNothing();
            TemplateMap copy = [];
            foreach (var (key, item) in map) copy.Add(key, item);
            return copy;
        }),
        "update" or "pop" or "setdefault" or "clear" or "popitem" => Refused(name),
        _ => null,
    };

    private static Callable? ListMethod(List<object?> list, string name) => name switch
    {
        "index" => new(name, call => list.FindIndex(item => Values.AreEqual(item, call.Bind(["value"], 1)[0])) is var at and >= 0
            ? (long)at
            : throw call.Error("\"index\" does not find the value in the list.")),
        "count" => new(name, call => (long)list.Count(item => Values.AreEqual(item, call.Bind(["value"], 1)[0]))),
        "append" or "extend" or "insert" or "pop" or "remove" or "clear" or "sort" or "reverse" => Refused(name),
        _ => null,
    };

    private static Callable Refused(string name) => new(name, call => throw call.Error($"\"{name}\" would change a value; templates may only make new ones (use + or a namespace)."));
}
