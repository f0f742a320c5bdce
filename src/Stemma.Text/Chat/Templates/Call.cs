namespace Stemma.Text.Chat.Templates;

/// <summary>The arguments of a call, a filter or a test, and where it stands.</summary>
internal sealed class Call(RenderState state, string name, int position, List<object?> positional, TemplateMap named)
{
    public RenderState State => state;

    public string Name => name;

    public int Position => position;

    public List<object?> Positional => positional;

    public TemplateMap Named => named;

    public TextFormatException Error(string complaint) => state.Source.Error(position, complaint);

    /// <summary>The arguments in the order of these names; those not given are <see langword="null"/> where <paramref name="given"/> says so.</summary>
    public object?[] Bind(ReadOnlySpan<string> names, int required, out bool[] given)
    {
        var values = new object?[names.Length];
        given = new bool[names.Length];
        if (positional.Count > names.Length) throw Error($"\"{name}\" takes {names.Length} arguments and was given {positional.Count}.");
        for (var i = 0; i < positional.Count; i++) (values[i], given[i]) = (positional[i], true);
        foreach (var (key, value) in named)
        {
            var at = names.IndexOf(key);
            if (at < 0) throw Error($"\"{name}\" has no argument \"{key}\".");
            if (given[at]) throw Error($"\"{name}\" was given the argument \"{key}\" twice.");
            (values[at], given[at]) = (value, true);
        }

        for (var i = 0; i < required; i++)
            if (!given[i]) throw Error($"\"{name}\" misses its argument \"{names[i]}\".");
        return values;
    }

    public object?[] Bind(ReadOnlySpan<string> names, int required = 0) => Bind(names, required, out _);

    public void TakesNothing() => Bind([]);

    public string Text(object? value, string argument) => value as string ?? throw Error($"\"{name}\" needs a string as {argument}, not {Values.TypeName(value)}.");

    public long Integer(object? value, string argument) => value switch
    {
        long number => number,
        bool flag => flag ? 1 : 0,
        _ => throw Error($"\"{name}\" needs a whole number as {argument}, not {Values.TypeName(value)}."),
    };

    public List<object?> Items(object? value) => Values.Items(value) ?? throw Error($"\"{name}\" needs something to go through, not {Values.Describe(value)}.");
}
