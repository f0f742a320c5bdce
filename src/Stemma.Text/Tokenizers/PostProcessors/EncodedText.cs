namespace Stemma.Text.Tokenizers.PostProcessors;

/// <summary>A text, or a pair of them, as a model takes it in: with the tokens a post-processor adds, cut and padded.</summary>
/// <param name="tokens">The tokens.</param>
/// <param name="overflow">What was cut off, in inputs of its own that overlap by the stride.</param>
public sealed class EncodedText(IReadOnlyList<EncodedToken> tokens, IReadOnlyList<EncodedText> overflow)
{
    /// <summary>The tokens.</summary>
    public IReadOnlyList<EncodedToken> Tokens { get; } = tokens;

    /// <summary>What was cut off, in inputs of its own that overlap by the stride.</summary>
    public IReadOnlyList<EncodedText> Overflow { get; } = overflow;

    /// <summary>The ids, which is what a model takes.</summary>
    public int[] Ids => [.. Tokens.Select(token => token.Id)];

    /// <summary>Which segment each token belongs to.</summary>
    public int[] TypeIds => [.. Tokens.Select(token => token.TypeId)];

    /// <summary>1 for each token, 0 for padding.</summary>
    public int[] AttentionMask => [.. Tokens.Select(token => token.IsPadding ? 0 : 1)];
}
