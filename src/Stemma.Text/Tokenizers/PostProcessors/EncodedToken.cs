namespace Stemma.Text.Tokenizers.PostProcessors;

/// <summary>A token of a model's input.</summary>
/// <param name="Span">The token and the stretch of its text it stands for; an empty one at 0 for a token no text has.</param>
/// <param name="TypeId">Which segment it belongs to, as BERT counts them.</param>
/// <param name="IsSpecial">Whether a post-processor put it there, or padding.</param>
/// <param name="IsPadding">Whether it is padding, which a model must not attend to.</param>
public readonly record struct EncodedToken(TokenSpan Span, int TypeId, bool IsSpecial = false, bool IsPadding = false)
{
    /// <summary>The token's id.</summary>
    public int Id => Span.Id;
}
