using Stemma.Text.Tokenizers.Bpe;

namespace Stemma.Text.Tokenizers.Normalizers;

/// <summary>Spells every byte of the text as a character of GPT-2's alphabet (<c>ByteLevel</c> among normalizers).</summary>
public sealed class ByteLevelNormalizer : Normalizer
{
    internal override void Apply(NormalizedText text)
    {
        ByteAlphabet.Spell(text, 0, text.Chars.Length);
        text.Commit();
    }
}
