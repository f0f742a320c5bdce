namespace Stemma.Generation;

/// <summary>A step that changes the distribution of the next token before one is drawn. Removed tokens get −∞.</summary>
public abstract record LogitsTransform
{
    /// <summary>Changes logits in place.</summary>
    /// <param name="logits">[vocab].</param>
    /// <param name="previous">The tokens so far, the prompt included.</param>
    public abstract void Apply(Span<float> logits, ReadOnlySpan<int> previous);
}
