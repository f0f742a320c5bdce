namespace Stemma.Text.Chat.Templates;

/// <summary>What <c>loop</c> tells inside a loop.</summary>
internal sealed class LoopVariable(List<object?> items, int index)
{
    public object? Field(string name) => name switch
    {
        "index0" => (long)index,
        "index" => index + 1L,
        "revindex0" => items.Count - 1L - index,
        "revindex" => (long)items.Count - index,
        "first" => index == 0,
        "last" => index == items.Count - 1,
        "length" => (long)items.Count,
        // Loops that are not recursive are each the first of their own.
        "depth" => 1L,
        "depth0" => 0L,
        "previtem" => index > 0 ? items[index - 1] : new Undefined("there is no previous item"),
        "nextitem" => index + 1 < items.Count ? items[index + 1] : new Undefined("there is no next item"),
        "cycle" => new Callable(name, call => call.Positional.Count == 0 ? throw call.Error("\"cycle\" needs values.") : call.Positional[index % call.Positional.Count]),
        _ => new Undefined($"\"loop\" has no \"{name}\""),
    };
}
