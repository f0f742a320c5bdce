namespace Stemma.Text.Tokenizers.Patterns;

/// <summary>A string as it stands.</summary>
/// <param name="content">The string, at least one character.</param>
public sealed class LiteralPattern(string content) : TextPattern
{
    /// <summary>The string.</summary>
    public string Content { get; } = content.Length > 0 ? content : throw new ArgumentException("A pattern must not be empty.", nameof(content));

    internal override void Find(ReadOnlySpan<char> text, List<(int Start, int End)> matches)
    {
        for (var from = 0; from < text.Length;)
        {
            var found = text[from..].IndexOf(Content, StringComparison.Ordinal);
            if (found < 0) return;
            matches.Add((from + found, from + found + Content.Length));
            from += found + Content.Length;
        }
    }
}
