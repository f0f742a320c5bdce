using System.Text;

namespace Stemma.Text.Tokenizers.PreTokenizers;

/// <summary>Divides text into runs of word characters and runs of others; white space goes (<c>Whitespace</c>, <c>\w+|[^\w\s]+</c>).</summary>
public sealed class WhitespacePreTokenizer : PreTokenizer
{
    private enum Kind
    {
        Space,
        Word,
        Other,
    }

    internal override void Apply(PreTokens tokens)
    {
        var chars = tokens.Text.Chars;
        foreach (var (start, end) in tokens.Ranges)
        {
            var (from, last) = (start, Kind.Space);
            for (var at = start; at < end;)
            {
                Rune.DecodeFromUtf16(chars[at..end], out var rune, out var length);
                var kind = CharacterClasses.IsSpace(chars[at]) ? Kind.Space : WordCharacters.Contains(rune) ? Kind.Word : Kind.Other;
                if (kind != last)
                {
                    if (last != Kind.Space) tokens.Add(from, at);
                    (from, last) = (at, kind);
                }

                at += length;
            }

            if (last != Kind.Space) tokens.Add(from, end);
        }

        tokens.Commit();
    }
}
