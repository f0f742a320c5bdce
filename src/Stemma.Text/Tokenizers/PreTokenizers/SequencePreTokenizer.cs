namespace Stemma.Text.Tokenizers.PreTokenizers;

/// <summary>Pre-tokenizers one after another, each dividing the words of the one before (<c>Sequence</c>).</summary>
/// <param name="parts">They, in order.</param>
public sealed class SequencePreTokenizer(IReadOnlyList<PreTokenizer> parts) : PreTokenizer
{
    /// <summary>The pre-tokenizers, in order.</summary>
    public IReadOnlyList<PreTokenizer> Parts { get; } = parts;

    internal override void Apply(PreTokens tokens)
    {
        foreach (var part in Parts) part.Apply(tokens);
    }
}
