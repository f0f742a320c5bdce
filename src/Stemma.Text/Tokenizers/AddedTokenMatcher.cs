using System.Buffers;

namespace Stemma.Text.Tokenizers;

/// <summary>Finds the spellings of added tokens in text: the leftmost match, the longest of those that start there.</summary>
internal sealed class AddedTokenMatcher
{
    private readonly Dictionary<char, (string Spelling, AddedToken Token)[]> byFirst;
    private readonly SearchValues<char> firstCharacters;

    /// <param name="tokens">The tokens, each with the spelling to look for, which is not empty.</param>
    public AddedTokenMatcher(IEnumerable<(string Spelling, AddedToken Token)> tokens)
    {
        byFirst = tokens.GroupBy(entry => entry.Spelling[0]).ToDictionary(
            group => group.Key, group => group.OrderByDescending(entry => entry.Spelling.Length).ThenByDescending(entry => entry.Token.Id).ToArray());
        firstCharacters = SearchValues.Create([.. byFirst.Keys]);
    }

    /// <summary>The next match at or after <paramref name="from"/>; null when there is none.</summary>
    public AddedToken? Find(ReadOnlySpan<char> text, int from, out int position, out int length)
    {
        for (position = from; position < text.Length; position++)
        {
            var skip = text[position..].IndexOfAny(firstCharacters);
            if (skip < 0) break;
            position += skip;
            foreach (var (spelling, token) in byFirst[text[position]])
            {
                if (!text[position..].StartsWith(spelling, StringComparison.Ordinal)) continue;
                length = spelling.Length;
                return token;
            }
        }

        (position, length) = (text.Length, 0);
        return null;
    }
}
