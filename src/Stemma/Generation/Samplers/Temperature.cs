namespace Stemma.Generation;

/// <summary>Divides the logits: below 1 the likely get likelier, above 1 all come closer.</summary>
/// <param name="Value">T &gt; 0.</param>
public sealed record Temperature(double Value) : LogitsTransform
{
    /// <inheritdoc/>
    public override void Apply(Span<float> logits, ReadOnlySpan<int> previous)
    {
        foreach (ref var logit in logits) logit = (float)(logit / Value);
    }
}
