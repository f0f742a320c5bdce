using Stemma.Text.Tokenizers;

namespace Stemma.Text.Chat;

/// <summary>A conversation as a template writes it.</summary>
/// <param name="Text">The text.</param>
/// <param name="Spans">For each message where it stands; a message of which nothing is found in the text has no span.</param>
/// <param name="Generations">What the template marks as the model's own by <c>{% generation %}</c>; empty where it marks nothing.</param>
public sealed record ChatRendering(string Text, IReadOnlyList<ChatMessageSpan> Spans, IReadOnlyList<Range> Generations)
{
    /// <summary>
    /// What a model learns to write: what the template marks, or where it marks nothing, of each message of the assistant its content
    /// to the end of its turn (of a message without plain text, the whole turn).
    /// </summary>
    public IReadOnlyList<Range> Learned => Generations.Count > 0
        ? Generations
        : [.. Spans.Where(span => span.Role == "assistant").Select(span => new Range(span.Content?.Start ?? span.Start, span.End))];

    /// <summary>The tokens of the text, with special tokens read as such, and where each message and what is to be learned lies among them.</summary>
    public ChatTokens Encode(Tokenizer tokenizer)
    {
        ArgumentNullException.ThrowIfNull(tokenizer);
        var tokens = tokenizer.EncodeWithOffsets(Text, allowSpecial: true);
        var learned = new bool[tokens.Count];
        foreach (var range in Learned)
        {
            var (start, end) = Tokens(tokens, range.Start.Value, range.End.Value);
            learned.AsSpan(start, end - start).Fill(true);
        }

        return new([.. tokens.Select(token => token.Id)], [.. Spans.Select(span => Tokens(tokens, span.Start, span.End)).Select(span => span.Start..span.End)], learned);
    }

    // The tokens that start inside; one that begins before the span belongs to what stands before it.
    private static (int Start, int End) Tokens(IReadOnlyList<TokenSpan> tokens, int start, int end)
    {
        var first = 0;
        while (first < tokens.Count && tokens[first].CharStart < start) first++;
        var last = first;
        while (last < tokens.Count && tokens[last].CharStart < end) last++;
        return (first, last);
    }
}
