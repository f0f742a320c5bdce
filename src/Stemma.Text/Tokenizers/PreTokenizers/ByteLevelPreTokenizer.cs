using Stemma.Text.Tokenizers.Bpe;
using Stemma.Text.Tokenizers.Patterns;

namespace Stemma.Text.Tokenizers.PreTokenizers;

/// <summary>GPT-2's words, spelled in its alphabet of 256 characters, one for each byte (Radford et al. 2019; <c>ByteLevel</c>).</summary>
/// <param name="addPrefixSpace">Whether a space is put before a text that does not begin with one.</param>
/// <param name="useRegex">Whether the text is divided by GPT-2's expression; otherwise it is spelled as it was divided before.</param>
/// <param name="trimOffsets">Kept for the file: the spans of a pre-tokenizer are never trimmed, a post-processor's may be.</param>
public sealed class ByteLevelPreTokenizer(bool addPrefixSpace = false, bool useRegex = true, bool trimOffsets = false) : PreTokenizer
{
    /// <summary>Whether a space is put before a text that does not begin with one.</summary>
    public bool AddPrefixSpace { get; } = addPrefixSpace;

    /// <summary>Whether the text is divided by GPT-2's expression.</summary>
    public bool UseRegex { get; } = useRegex;

    /// <summary>As the file says.</summary>
    public bool TrimOffsets { get; } = trimOffsets;

    internal override void Apply(PreTokens tokens)
    {
        if (AddPrefixSpace) Prefix(tokens);
        if (UseRegex)
        {
            foreach (var (start, end) in tokens.Ranges)
            {
                var word = tokens.Text.Chars[start..end];
                for (var at = 0; at < word.Length;)
                {
                    var next = Gpt2Scanner.Instance.WordEnd(word, at);
                    tokens.Add(start + at, start + next);
                    at = next;
                }
            }

            tokens.Commit();
        }

        foreach (var (start, end) in tokens.Ranges)
        {
            var from = tokens.Text.NextLength;
            ByteAlphabet.Spell(tokens.Text, start, end);
            tokens.Add(from, tokens.Text.NextLength);
        }

        tokens.Text.Commit();
        tokens.Commit();
    }

    private static void Prefix(PreTokens tokens)
    {
        var text = tokens.Text;
        foreach (var (start, end) in tokens.Ranges)
        {
            var from = text.NextLength;
            if (text.Chars[start] != ' ') text.Emit(" ", start, start);
            text.Copy(start, end);
            tokens.Add(from, text.NextLength);
        }

        text.Commit();
        tokens.Commit();
    }
}
