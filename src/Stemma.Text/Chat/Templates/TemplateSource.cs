namespace Stemma.Text.Chat.Templates;

/// <summary>A template's text, its name for messages, and the line and column of each of its places.</summary>
internal sealed class TemplateSource
{
    private const int MaxLength = 1 << 20;

    /// <summary>Takes a text as Jinja does: line ends become <c>\n</c>, one at the very end goes.</summary>
    public TemplateSource(string name, string text)
    {
        Name = name;
        if (text.Length > MaxLength) throw new TextFormatException($"{name} is longer than a million characters; it is not a chat template.");
        text = text.Replace("\r\n", "\n", StringComparison.Ordinal).Replace('\r', '\n');
        Text = text.EndsWith('\n') ? text[..^1] : text;
    }

    public string Name { get; }

    public string Text { get; }

    /// <summary>An error at a place, told as <c>name:line:column: complaint</c>; both count from 1, columns in UTF-16 code units.</summary>
    public TextFormatException Error(int position, string complaint)
    {
        var before = Text.AsSpan(0, Math.Min(position, Text.Length));
        return new($"{Name}:{before.Count('\n') + 1}:{before.Length - before.LastIndexOf('\n')}: {complaint}");
    }
}
