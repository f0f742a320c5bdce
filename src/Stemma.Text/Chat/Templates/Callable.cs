namespace Stemma.Text.Chat.Templates;

/// <summary>What a template can call: a macro, a function, a method with its object.</summary>
/// <param name="name">Its name, for messages.</param>
/// <param name="call">What it does.</param>
internal sealed class Callable(string name, Func<Call, object?> call)
{
    public string Name => name;

    public object? Invoke(Call arguments) => call(arguments);
}
