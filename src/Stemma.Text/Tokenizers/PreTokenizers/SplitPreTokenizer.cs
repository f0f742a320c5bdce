using Stemma.Text.Tokenizers.Patterns;

namespace Stemma.Text.Tokenizers.PreTokenizers;

/// <summary>Divides at the matches of a pattern (<c>Split</c>).</summary>
/// <param name="pattern">The pattern.</param>
/// <param name="behavior">What becomes of the matches.</param>
/// <param name="invert">Whether the text between the matches is what it is divided at.</param>
public sealed class SplitPreTokenizer(TextPattern pattern, SplitBehavior behavior, bool invert = false) : PreTokenizer
{
    /// <summary>The pattern.</summary>
    public TextPattern Pattern { get; } = pattern;

    /// <summary>What becomes of the matches.</summary>
    public SplitBehavior Behavior { get; } = behavior;

    /// <summary>Whether the text between the matches is what it is divided at.</summary>
    public bool Invert { get; } = invert;

    internal override void Apply(PreTokens tokens)
    {
        foreach (var (start, end) in tokens.Ranges)
        {
            tokens.Matches.Clear();
            Pattern.Find(tokens.Text.Chars[start..end], tokens.Matches);
            for (var i = 0; i < tokens.Matches.Count; i++) tokens.Matches[i] = (tokens.Matches[i].Start + start, tokens.Matches[i].End + start);
            Splitting.Divide(tokens, start, end, Behavior, Invert);
        }

        tokens.Commit();
    }
}
