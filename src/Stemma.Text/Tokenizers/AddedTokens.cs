namespace Stemma.Text.Tokenizers;

/// <summary>
/// The added tokens of a tokenizer and how text is divided by them: first by those that are not normalised, then what is left
/// by those that are, as Hugging Face's <c>tokenizers</c> does. Special tokens take part only when they are allowed.
/// </summary>
internal sealed class AddedTokens
{
    private readonly AddedTokenMatcher[] ordinary;
    private readonly AddedTokenMatcher[] withSpecial;

    public AddedTokens(IReadOnlyList<AddedToken> tokens)
    {
        All = tokens;
        Special = tokens.Where(token => token.IsSpecial).ToDictionary(token => token.Content, token => token.Id, StringComparer.Ordinal);
        ordinary = Stages(tokens.Where(token => !token.IsSpecial));
        withSpecial = Stages(tokens);
    }

    public IReadOnlyList<AddedToken> All { get; }

    public IReadOnlyDictionary<string, int> Special { get; }

    /// <summary>Whether no text can match, so that a text is one segment.</summary>
    public bool NeverMatch(bool allowSpecial) => (allowSpecial ? withSpecial : ordinary).Length == 0;

    public List<TextSegment> Divide(ReadOnlySpan<char> text, bool allowSpecial)
    {
        List<TextSegment> segments = [new(0, text.Length, null)];
        foreach (var matcher in allowSpecial ? withSpecial : ordinary)
        {
            List<TextSegment> finer = [];
            foreach (var segment in segments)
                if (segment.Token is null) Divide(text, segment, matcher, finer);
                else finer.Add(segment);
            segments = finer;
        }

        return segments;
    }

    private static void Divide(ReadOnlySpan<char> text, TextSegment segment, AddedTokenMatcher matcher, List<TextSegment> finer)
    {
        var plain = text.Slice(segment.Start, segment.Length);
        for (var from = 0; from < plain.Length;)
        {
            var token = matcher.Find(plain, from, out var position);
            if (position > from) finer.Add(new(segment.Start + from, position - from, null));
            if (token is null) return;
            finer.Add(new(segment.Start + position, token.Content.Length, token));
            from = position + token.Content.Length;
        }
    }

    private static AddedTokenMatcher[] Stages(IEnumerable<AddedToken> tokens) =>
        [.. tokens.GroupBy(token => token.IsNormalized).OrderBy(stage => stage.Key).Select(stage => new AddedTokenMatcher(stage))];
}
