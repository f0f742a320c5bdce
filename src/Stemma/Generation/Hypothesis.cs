namespace Stemma.Generation;

/// <summary>A continuation that a search has found.</summary>
/// <param name="Tokens">Without the prompt and without the end.</param>
/// <param name="LogProbability">Of the tokens and, where it has ended, of the end; nats.</param>
/// <param name="Score">What it was ranked by.</param>
/// <param name="HasEnded">Whether the model ended it; false where it ran into the most tokens allowed.</param>
public sealed record Hypothesis(IReadOnlyList<int> Tokens, double LogProbability, double Score, bool HasEnded)
{
    /// <summary>How each token, and at last the end, looked at the source: a row of weights each; empty where the model does not look.</summary>
    public IReadOnlyList<float[]> Alignment { get; init; } = [];
}
