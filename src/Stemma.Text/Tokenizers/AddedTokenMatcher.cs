using System.Buffers;

namespace Stemma.Text.Tokenizers;

/// <summary>Finds the spellings of added tokens in text: the leftmost match, the longest of those that start there.</summary>
internal sealed class AddedTokenMatcher
{
    private readonly AddedToken[] longestFirst;
    private readonly SearchValues<char> firstCharacters;

    public AddedTokenMatcher(IEnumerable<AddedToken> tokens)
    {
        longestFirst = [.. tokens.OrderByDescending(token => token.Content.Length).ThenBy(token => token.Id)];
        firstCharacters = SearchValues.Create([.. longestFirst.Select(token => token.Content[0]).Distinct()]);
    }

    /// <summary>The next match at or after <paramref name="from"/>; null when there is none.</summary>
    public AddedToken? Find(ReadOnlySpan<char> text, int from, out int position)
    {
        for (position = from; position < text.Length; position++)
        {
            var skip = text[position..].IndexOfAny(firstCharacters);
            if (skip < 0) break;
            position += skip;
            foreach (var token in longestFirst)
                if (text[position..].StartsWith(token.Content, StringComparison.Ordinal)) return token;
        }

        position = text.Length;
        return null;
    }
}
