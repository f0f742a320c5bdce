using System.Buffers;

namespace Stemma.Text.Tokenizers;

/// <summary>Finds the spellings of added tokens in text: the leftmost match, the longest of those that start there.</summary>
internal sealed class AddedTokenMatcher
{
    private readonly Dictionary<char, Group> byFirst;
    private readonly SearchValues<char> firstCharacters;

    /// <param name="tokens">The tokens, each with the spelling to look for, which is not empty.</param>
    public AddedTokenMatcher(IEnumerable<(string Spelling, AddedToken Token)> tokens)
    {
        byFirst = tokens.GroupBy(entry => entry.Spelling[0]).ToDictionary(group => group.Key, group => new Group(group));
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
            if (byFirst[text[position]].Match(text[position..], out length) is { } token) return token;
        }

        (position, length) = (text.Length, 0);
        return null;
    }

    /// <summary>The tokens whose spelling begins with one character, longest first.</summary>
    private sealed class Group
    {
        private readonly (string Spelling, AddedToken Token)[] tokens;
        private readonly SearchValues<char>? secondCharacters;

        public Group(IEnumerable<(string Spelling, AddedToken Token)> tokens)
        {
            this.tokens = [.. tokens.OrderByDescending(entry => entry.Spelling.Length).ThenByDescending(entry => entry.Token.Id)];
            if (this.tokens[^1].Spelling.Length > 1) secondCharacters = SearchValues.Create([.. this.tokens.Select(entry => entry.Spelling[1]).Distinct()]);
        }

        public AddedToken? Match(ReadOnlySpan<char> text, out int length)
        {
            length = 0;
            if (secondCharacters is not null && (text.Length < 2 || !secondCharacters.Contains(text[1]))) return null;
            foreach (var (spelling, token) in tokens)
            {
                if (!text.StartsWith(spelling, StringComparison.Ordinal)) continue;
                length = spelling.Length;
                return token;
            }

            return null;
        }
    }
}
