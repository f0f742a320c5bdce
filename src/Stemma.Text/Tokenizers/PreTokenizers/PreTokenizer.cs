namespace Stemma.Text.Tokenizers.PreTokenizers;

/// <summary>The second part of a tokenizer's pipeline: divides normalised text into words, which the model encodes each by itself.</summary>
/// <remarks>A pre-tokenizer does not change once made and serves every thread.</remarks>
public abstract class PreTokenizer
{
    private protected PreTokenizer()
    {
    }

    /// <summary>The words of a text, as the model gets them.</summary>
    public IReadOnlyList<string> Divide(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var tokens = new PreTokens();
        tokens.Text.Reset(text, aligned: false);
        tokens.Begin(isFirst: true);
        Apply(tokens);
        List<string> words = [];
        foreach (var (start, end) in tokens.Ranges) words.Add(tokens.Text.Chars[start..end].ToString());
        return words;
    }

    internal abstract void Apply(PreTokens tokens);
}
