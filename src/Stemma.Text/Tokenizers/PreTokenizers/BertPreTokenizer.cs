using System.Text;

namespace Stemma.Text.Tokenizers.PreTokenizers;

/// <summary>BERT's words (Devlin et al. 2019): divided at white space, which goes, and at punctuation, each of which is a word.</summary>
public sealed class BertPreTokenizer : PreTokenizer
{
    internal override void Apply(PreTokens tokens)
    {
        var chars = tokens.Text.Chars;
        foreach (var (start, end) in tokens.Ranges)
        {
            var from = start;
            for (var at = start; at < end;)
            {
                Rune.DecodeFromUtf16(chars[at..end], out var rune, out var length);
                var isSpace = CharacterClasses.IsSpace(chars[at]);
                if (isSpace || PunctuationPreTokenizer.IsPunctuation(rune))
                {
                    tokens.Add(from, at);
                    if (!isSpace) tokens.Add(at, at + length);
                    from = at + length;
                }

                at += length;
            }

            tokens.Add(from, end);
        }

        tokens.Commit();
    }
}
