using Stemma.Text.Tokenizers.Bpe;

namespace Stemma.Text.Tokenizers.Formats;

/// <summary>
/// The merges behind a <c>.tiktoken</c> file, one for each token: the last of those that make the token out of its bytes, two adjacent parts at a time, the one
/// with the lowest rank first.
/// </summary>
/// <remarks>
/// One is enough. As long as nothing has crossed the ends of a stretch, what happens inside goes as if the stretch were all there is, and of the states that
/// passes through one alone has two parts. So whenever two parts become a token in any word, they are the parts found here. A token that its bytes do not
/// lead to has no merge: it is only ever a whole word.
/// </remarks>
internal static class TiktokenMerges
{
    /// <param name="ranks">The tokens, spelled in <see cref="ByteAlphabet"/>, and their ranks, which are their ids.</param>
    public static List<BpeMerge> Of(Dictionary<string, int> ranks)
    {
        var lookup = ranks.GetAlternateLookup<ReadOnlySpan<char>>();
        List<BpeMerge> merges = new(ranks.Count);
        var longest = ranks.Keys.Max(spelling => spelling.Length);
        var (ends, joined) = (new int[longest + 1], new int[longest + 1]);
        foreach (var (spelling, rank) in ranks.OrderBy(token => token.Value))
        {
            if (spelling.Length < 2 || !Divide(spelling, lookup, ends, joined)) continue;
            merges.Add(new BpeMerge(lookup[spelling.AsSpan(0, ends[0])], lookup[spelling.AsSpan(ends[0])], rank));
        }

        return merges;
    }

    // Merges until two parts are left, the first of which ends at ends[0].
    private static bool Divide(string spelling, Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> lookup, int[] ends, int[] joined)
    {
        var count = spelling.Length;
        for (var i = 0; i < count; i++) ends[i] = i + 1;
        for (var i = 0; i + 1 < count; i++) joined[i] = Joined(i);
        while (count > 2)
        {
            var at = 0;
            for (var i = 1; i + 1 < count; i++)
                if (joined[i] < joined[at]) at = i;
            if (joined[at] == MergeTable.NoRank) return false;
            Array.Copy(ends, at + 1, ends, at, count - at - 1);
            Array.Copy(joined, at + 1, joined, at, count - at - 1);
            count--;
            if (at > 0) joined[at - 1] = Joined(at - 1);
            if (at + 1 < count) joined[at] = Joined(at);
        }

        return true;

        int Joined(int part) => lookup.TryGetValue(spelling.AsSpan()[(part == 0 ? 0 : ends[part - 1])..ends[part + 1]], out var rank) ? rank : MergeTable.NoRank;
    }
}
