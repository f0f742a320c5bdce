using System.Text;

namespace Stemma.Text.Tokenizers.PreTokenizers;

/// <summary>Divides at characters of a kind.</summary>
public abstract class CharacterSplitPreTokenizer : PreTokenizer
{
    private protected CharacterSplitPreTokenizer()
    {
    }

    private protected abstract SplitBehavior Split { get; }

    internal override void Apply(PreTokens tokens)
    {
        var chars = tokens.Text.Chars;
        foreach (var (start, end) in tokens.Ranges)
        {
            tokens.Matches.Clear();
            for (var at = start; at < end;)
            {
                Rune.DecodeFromUtf16(chars[at..end], out var rune, out var length);
                if (IsDelimiter(rune)) tokens.Matches.Add((at, at + length));
                at += length;
            }

            Splitting.Divide(tokens, start, end, Split);
        }

        tokens.Commit();
    }

    private protected abstract bool IsDelimiter(Rune rune);
}
