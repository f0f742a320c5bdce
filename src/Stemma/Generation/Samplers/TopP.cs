namespace Stemma.Generation;

/// <summary>
/// Keeps the likeliest tokens that together reach a probability, at least one: nucleus sampling. Holtzman et al. 2019, arXiv:1904.09751.
/// </summary>
/// <param name="Probability">0 &lt; p ≤ 1.</param>
public sealed record TopP(double Probability) : LogitsTransform
{
    /// <inheritdoc/>
    public override void Apply(Span<float> logits, ReadOnlySpan<int> previous)
    {
        if (Probability >= 1) return;
        var ids = new int[logits.Length];
        var keys = new float[logits.Length];
        for (var i = 0; i < ids.Length; i++) (ids[i], keys[i]) = (i, -logits[i]);
        Array.Sort(keys, ids);
        var total = 0.0;
        foreach (var key in keys) total += Math.Exp(keys[0] - key);
        // A token goes when those before it already reach p.
        var before = 0.0;
        foreach (var id in ids)
        {
            var probability = Math.Exp(logits[id] + keys[0]) / total;
            if (before >= Probability) logits[id] = float.NegativeInfinity;
            before += probability;
        }
    }
}
