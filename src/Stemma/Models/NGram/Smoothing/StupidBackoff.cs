namespace Stemma.Models.NGram;

/// <summary>
/// S(w|h) = c(hw)/c(h) where hw was seen, otherwise 0.4·S(w|h′): scores that do not sum to one, simple enough for any amount of text.
/// Brants et al. 2007, "Large language models in machine translation". As a language model the scores are normalised over the vocabulary.
/// </summary>
public sealed record StupidBackoff : Smoothing
{
    internal override string MethodName => "stupid backoff";

    /// <summary>The factor for each word that the context is shortened by; above 0, at most 1. Brants et al. use 0.4.</summary>
    public double Factor { get; init; } = 0.4;

    internal override double? FixedBackoff => Factor;

    /// <inheritdoc/>
    public override void Validate(int order)
    {
        if (!(Factor is > 0 and <= 1)) throw new ConfigurationException($"factor is {Factor}; it must be above 0 and at most 1.");
    }

    internal override OrderParameters Fit(int order, CountsOfCounts statistics, int predictedCount, Action<string> warn) => default;
}
