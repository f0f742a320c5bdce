using System.Text;

namespace Stemma.Text.Tokenizers.PreTokenizers;

/// <summary>SentencePiece's spaces (Kudo &amp; Richardson 2018, arXiv:1808.06226): a space becomes a visible character, which begins a word (<c>Metaspace</c>).</summary>
/// <param name="replacement">The visible character, mostly ▁.</param>
/// <param name="scheme">Which stretches get one before them, unless they begin with it.</param>
/// <param name="split">Whether the text is divided before every one.</param>
public sealed class MetaspacePreTokenizer(Rune replacement, PrependScheme scheme = PrependScheme.Always, bool split = true) : PreTokenizer
{
    private readonly string spelling = replacement.ToString();

    /// <summary>The visible character.</summary>
    public Rune Replacement { get; } = replacement;

    /// <summary>Which stretches get one before them.</summary>
    public PrependScheme Scheme { get; } = scheme;

    /// <summary>Whether the text is divided before every one.</summary>
    public bool Split { get; } = split;

    internal override void Apply(PreTokens tokens)
    {
        var text = tokens.Text;
        var chars = text.Chars;
        foreach (var (start, end) in tokens.Ranges)
        {
            var wordStart = text.NextLength;
            var begins = chars[start] == ' ' || chars[start..end].StartsWith(spelling, StringComparison.Ordinal);
            if (!begins && (Scheme == PrependScheme.Always || (Scheme == PrependScheme.First && tokens.IsFirst && start == 0))) text.Emit(spelling, start, start);
            for (var at = start; at < end;)
            {
                var isSpace = chars[at] == ' ';
                var isReplacement = isSpace || chars[at..end].StartsWith(spelling, StringComparison.Ordinal);
                if (isReplacement && Split)
                {
                    tokens.Add(wordStart, text.NextLength);
                    wordStart = text.NextLength;
                }

                var length = isReplacement && !isSpace ? spelling.Length : 1;
                if (isSpace) text.Emit(spelling, at, at + 1);
                else text.Copy(at, at + length);
                at += length;
            }

            tokens.Add(wordStart, text.NextLength);
        }

        text.Commit();
        tokens.Commit();
    }
}
