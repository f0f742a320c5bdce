namespace Stemma.Text.Tokenizers.PreTokenizers;

/// <summary>Divides a word at matches (Hugging Face's <c>SplitDelimiterBehavior</c>).</summary>
internal static class Splitting
{
    /// <summary>Adds the parts of [start, end) for the matches in <see cref="PreTokens.Matches"/>, which are ranges of the text.</summary>
    /// <param name="tokens">Where the parts go.</param>
    /// <param name="start">Where the word starts.</param>
    /// <param name="end">Where it ends.</param>
    /// <param name="behavior">What becomes of the matches.</param>
    /// <param name="invert">Whether the text between matches is what it is divided at.</param>
    public static void Divide(PreTokens tokens, int start, int end, SplitBehavior behavior, bool invert = false)
    {
        List<(int Start, int End, bool IsMatch)> tiles = [];
        var from = start;
        foreach (var match in tokens.Matches)
        {
            if (match.Start > from) tiles.Add((from, match.Start, invert));
            if (match.End > match.Start) tiles.Add((match.Start, match.End, !invert));
            from = match.End;
        }

        if (end > from) tiles.Add((from, end, invert));
        switch (behavior)
        {
            case SplitBehavior.Removed:
                foreach (var tile in tiles)
                    if (!tile.IsMatch) tokens.Add(tile.Start, tile.End);
                break;
            case SplitBehavior.Isolated:
                foreach (var tile in tiles) tokens.Add(tile.Start, tile.End);
                break;
            default:
                Join(tokens, tiles, behavior);
                break;
        }
    }

    private static void Join(PreTokens tokens, List<(int Start, int End, bool IsMatch)> tiles, SplitBehavior behavior)
    {
        for (var i = 0; i < tiles.Count;)
        {
            var last = i;
            while (last + 1 < tiles.Count && AreOne(tiles[last], tiles[last + 1], behavior)) last++;
            tokens.Add(tiles[i].Start, tiles[last].End);
            i = last + 1;
        }
    }

    // A match joins the word before (or after) it unless that is a match too.
    private static bool AreOne((int Start, int End, bool IsMatch) left, (int Start, int End, bool IsMatch) right, SplitBehavior behavior) => behavior switch
    {
        SplitBehavior.Contiguous => left.IsMatch == right.IsMatch,
        SplitBehavior.MergedWithPrevious => right.IsMatch && !left.IsMatch,
        _ => left.IsMatch && !right.IsMatch,
    };
}
