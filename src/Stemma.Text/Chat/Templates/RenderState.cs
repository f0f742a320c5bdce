using System.Runtime.CompilerServices;
using System.Text;

namespace Stemma.Text.Chat.Templates;

/// <summary>One rendering in progress: its output, what it may still spend, and which message is being written.</summary>
internal sealed class RenderState(TemplateSource source, TimeProvider clock, IReadOnlyList<TemplateMap> messages)
{
    /// <summary>Evaluations in one rendering. A long conversation takes about a hundred for each message.</summary>
    private const int MaxSteps = 2_000_000;

    /// <summary>Characters that all strings made in one rendering have together.</summary>
    private const long MaxCharacters = 1L << 26;

    private const int MaxDepth = 100;

    private readonly StringBuilder root = new();
    private readonly Stack<StringBuilder> captures = new();
    private readonly (int Start, int End)?[] spans = new (int, int)?[messages.Count];
    private readonly List<(int Start, int End)> generations = [];
    private int steps;
    private long characters;
    private int depth;

    public TemplateSource Source => source;

    public DateTimeOffset Now => clock.GetLocalNow();

    public string Output => root.ToString();

    /// <summary>For each message the stretch written by the turn of a loop over messages that was its own; null where there was none.</summary>
    public IReadOnlyList<(int Start, int End)?> Spans => spans;

    /// <summary>The stretches inside <c>generation</c> blocks.</summary>
    public IReadOnlyList<(int Start, int End)> Generations => generations;

    public void Write(string text, int position)
    {
        Spend(text.Length, position);
        (captures.TryPeek(out var capture) ? capture : root).Append(text);
    }

    /// <summary>Counts one evaluation.</summary>
    public void Step(int position)
    {
        if (!RuntimeHelpers.TryEnsureSufficientExecutionStack()) throw source.Error(position, "the template nests too deep.");
        if (++steps > MaxSteps) throw source.Error(position, $"the template takes more than {MaxSteps:N0} steps; it does not seem to end.");
    }

    /// <summary>Counts characters about to be made.</summary>
    public void Spend(long count, int position)
    {
        characters += count;
        if (characters > MaxCharacters) throw source.Error(position, $"the template makes more than {MaxCharacters:N0} characters of text.");
    }

    public string Capture(Action body, int position)
    {
        if (++depth > MaxDepth) throw source.Error(position, $"macros call each other more than {MaxDepth} deep.");
        var buffer = new StringBuilder();
        captures.Push(buffer);
        try
        {
            body();
        }
        finally
        {
            captures.Pop();
            depth--;
        }

        return buffer.ToString();
    }

    /// <summary>Runs one turn of a loop; when its item is a message, what it writes is that message's span.</summary>
    public void Turn(object? item, Action body)
    {
        var (start, message) = (root.Length, captures.Count == 0 && item is TemplateMap map ? IndexOf(map) : -1);
        body();
        if (message < 0 || root.Length == start) return;
        if (spans[message] is { } known && known.End - known.Start >= root.Length - start) return;
        spans[message] = (start, root.Length);
    }

    public void Generation(Action body, int position)
    {
        if (captures.Count > 0) throw source.Error(position, "a generation block stands inside a macro or a set block, where its place in the text is not known.");
        var start = root.Length;
        body();
        generations.Add((start, root.Length));
    }

    private int IndexOf(TemplateMap map)
    {
        for (var i = 0; i < messages.Count; i++)
            if (ReferenceEquals(messages[i], map)) return i;
        return -1;
    }
}
