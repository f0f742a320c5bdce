namespace Stemma.Text.Chat.Templates;

/// <summary>The names that are known at a place: those of a loop's turn or a macro's call, then those around it.</summary>
internal sealed class Scope(RenderState state, Scope? outer)
{
    private readonly Dictionary<string, object?> names = new(StringComparer.Ordinal);

    public RenderState State => state;

    public Scope Inner() => new(state, this);

    public void Set(string name, object? value) => names[name] = value;

    public bool TryGet(string name, out object? value)
    {
        for (var scope = this; scope is not null; scope = scope.Outer)
            if (scope.names.TryGetValue(name, out value)) return true;
        value = null;
        return false;
    }

    private Scope? Outer => outer;
}
