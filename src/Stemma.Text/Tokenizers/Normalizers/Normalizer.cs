namespace Stemma.Text.Tokenizers.Normalizers;

/// <summary>The first part of a tokenizer's pipeline: rewrites a text before it is divided into words.</summary>
/// <remarks>A normalizer does not change once made and serves every thread.</remarks>
public abstract class Normalizer
{
    private protected Normalizer()
    {
    }

    /// <summary>A text as this normalizer leaves it.</summary>
    public string Normalize(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var normalized = new NormalizedText();
        normalized.Reset(text, aligned: false);
        Apply(normalized);
        return normalized.Chars.ToString();
    }

    internal abstract void Apply(NormalizedText text);
}
