namespace Stemma.Generation;

/// <summary>Keeps the k likeliest tokens, and those as likely as the last of them. Fan et al. 2018, arXiv:1805.04833.</summary>
/// <param name="Count">k ≥ 1.</param>
public sealed record TopK(int Count) : LogitsTransform
{
    /// <inheritdoc/>
    public override void Apply(Span<float> logits, ReadOnlySpan<int> previous)
    {
        if (Count >= logits.Length) return;
        var sorted = logits.ToArray();
        Array.Sort(sorted);
        var least = sorted[^Count];
        foreach (ref var logit in logits)
            if (logit < least) logit = float.NegativeInfinity;
    }
}
