using Stemma.Text.Tokenizers.PreTokenizers;

namespace Stemma.Text.Tokenizers;

/// <summary>
/// The added tokens of a tokenizer and how text is divided by them: first by those that are not normalised, then what is left
/// by those that are, as Hugging Face's <c>tokenizers</c> does. Special tokens take part only when they are allowed.
/// </summary>
internal sealed class AddedTokens
{
    private readonly (AddedTokenMatcher? Raw, AddedTokenMatcher? Normalized) ordinary;
    private readonly (AddedTokenMatcher? Raw, AddedTokenMatcher? Normalized) withSpecial;

    /// <param name="tokens">The tokens.</param>
    /// <param name="normalize">What text goes through before it is divided by normalised tokens, and so what they go through too; null for nothing.</param>
    public AddedTokens(IReadOnlyList<AddedToken> tokens, Func<string, string>? normalize = null)
    {
        All = tokens;
        Special = tokens.Where(token => token.IsSpecial).ToDictionary(token => token.Content, token => token.Id, StringComparer.Ordinal);
        ordinary = Stages(tokens.Where(token => !token.IsSpecial), normalize);
        withSpecial = Stages(tokens, normalize);
    }

    public IReadOnlyList<AddedToken> All { get; }

    public IReadOnlyDictionary<string, int> Special { get; }

    /// <summary>Whether no text can match, so that a text is one segment.</summary>
    public bool NeverMatch(bool allowSpecial) => (allowSpecial ? withSpecial : ordinary) is (null, null);

    /// <summary>Divides a text that is not normalised in between by all tokens.</summary>
    public List<TextSegment> Divide(ReadOnlySpan<char> text, bool allowSpecial)
    {
        var segments = DivideRaw(text, allowSpecial);
        if ((allowSpecial ? withSpecial : ordinary).Normalized is not { } matcher) return segments;
        List<TextSegment> finer = [];
        foreach (var segment in segments)
            if (segment.Token is null) Divide(text.Slice(segment.Start, segment.Length), segment.Start, matcher, finer);
            else finer.Add(segment);
        return finer;
    }

    /// <summary>Divides a text by the tokens that are looked for before normalisation.</summary>
    public List<TextSegment> DivideRaw(ReadOnlySpan<char> text, bool allowSpecial)
    {
        List<TextSegment> segments = [];
        Divide(text, 0, (allowSpecial ? withSpecial : ordinary).Raw, segments);
        return segments;
    }

    /// <summary>Divides a normalised text by the tokens that are looked for then; null when there are none.</summary>
    public List<TextSegment>? DivideNormalized(ReadOnlySpan<char> text, bool allowSpecial)
    {
        if ((allowSpecial ? withSpecial : ordinary).Normalized is not { } matcher) return null;
        List<TextSegment> segments = [];
        Divide(text, 0, matcher, segments);
        return segments;
    }

    private static void Divide(ReadOnlySpan<char> plain, int offset, AddedTokenMatcher? matcher, List<TextSegment> segments)
    {
        var done = 0;
        for (var from = 0; matcher is not null && matcher.Find(plain, from, out var start, out var length) is { } token;)
        {
            var end = from = start + length;
            if (token.IsSingleWord && (WordCharacters.End(plain[..start]) || WordCharacters.Begin(plain[end..]))) continue;
            while (token.StripsLeft && start > done && CharacterClasses.IsSpace(plain[start - 1])) start--;
            while (token.StripsRight && end < plain.Length && CharacterClasses.IsSpace(plain[end])) end++;
            if (start > done) segments.Add(new(offset + done, start - done, null));
            segments.Add(new(offset + start, end - start, token));
            done = from = end;
        }

        if (plain.Length > done) segments.Add(new(offset + done, plain.Length - done, null));
    }

    private static (AddedTokenMatcher? Raw, AddedTokenMatcher? Normalized) Stages(IEnumerable<AddedToken> tokens, Func<string, string>? normalize)
    {
        var raw = tokens.Where(token => !token.IsNormalized).Select(token => (token.Content, token)).ToList();
        var normalized = tokens.Where(token => token.IsNormalized).Select(token => (normalize?.Invoke(token.Content) ?? token.Content, token)).Where(entry => entry.Item1.Length > 0).ToList();
        return (raw.Count > 0 ? new(raw) : null, normalized.Count > 0 ? new(normalized) : null);
    }
}
