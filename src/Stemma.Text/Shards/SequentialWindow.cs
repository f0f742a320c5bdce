namespace Stemma.Text.Shards;

/// <summary>
/// A stretch of a shard to evaluate: the model sees all its tokens but the last, and the last <paramref name="Scored"/> tokens are
/// scored.
/// </summary>
/// <param name="Start">The first token.</param>
/// <param name="Length">Tokens in the window, at most context length + 1.</param>
/// <param name="Scored">How many tokens at its end no earlier window has scored, ≥ 1.</param>
public readonly record struct SequentialWindow(long Start, int Length, int Scored);
