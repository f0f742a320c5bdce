namespace Stemma.Text.Tokenizers.Patterns;

/// <summary>What a normalizer replaces or a pre-tokenizer divides at.</summary>
public abstract class TextPattern
{
    private protected TextPattern()
    {
    }

    /// <summary>Appends the matches from left to right; none is empty, none touches another's characters.</summary>
    internal abstract void Find(ReadOnlySpan<char> text, List<(int Start, int End)> matches);
}
