namespace Stemma.Text.Chat;

/// <summary>A rendered conversation in tokens.</summary>
/// <param name="Ids">The tokens.</param>
/// <param name="Spans">Where each message of <see cref="ChatRendering.Spans"/> lies among them.</param>
/// <param name="IsLearned">For each token whether the loss counts it: the mask of supervised fine-tuning.</param>
public sealed record ChatTokens(IReadOnlyList<int> Ids, IReadOnlyList<Range> Spans, IReadOnlyList<bool> IsLearned);
