using Stemma.Text.Tokenizers.Patterns;

namespace Stemma.Text.Tokenizers.Normalizers;

/// <summary>Replaces every match of a pattern (<c>Replace</c>).</summary>
/// <param name="pattern">What is replaced.</param>
/// <param name="content">What stands there then; taken literally.</param>
public sealed class ReplaceNormalizer(TextPattern pattern, string content) : Normalizer
{
    /// <summary>What is replaced.</summary>
    public TextPattern Pattern { get; } = pattern;

    /// <summary>What stands there then.</summary>
    public string Content { get; } = content;

    internal override void Apply(NormalizedText text)
    {
        if (Pattern is LiteralPattern { Content: [var old] } && Content is [var by])
        {
            text.Replace(old, by);
            return;
        }

        List<(int Start, int End)> matches = [];
        Pattern.Find(text.Chars, matches);
        if (matches.Count == 0) return;
        var from = 0;
        foreach (var (start, end) in matches)
        {
            text.Copy(from, start);
            text.Emit(Content, start, end);
            from = end;
        }

        text.Copy(from, text.Chars.Length);
        text.Commit();
    }
}
