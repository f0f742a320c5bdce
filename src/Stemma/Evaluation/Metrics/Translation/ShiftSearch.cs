namespace Stemma.Evaluation.Metrics.Translation;

/// <summary>
/// The greedy search of TER: as long as the shift of a block that stands elsewhere in the reference saves edits, the one that saves
/// most is made. Its limits and the order among equals are Tercom's.
/// </summary>
/// <param name="reference">Its words, at least one.</param>
internal sealed class ShiftSearch(string[] reference)
{
    private const int MostWords = 10, MostDistance = 50, MostCandidates = 1000;

    private readonly BeamEditDistance _distance = new(reference);
    private int _candidates;

    /// <summary>Edits and shifts together.</summary>
    /// <param name="words">The hypothesis.</param>
    public int Edits(string[] words)
    {
        _candidates = 0;
        for (var shifts = 0; ; shifts++)
        {
            var before = _distance.Of(words);
            var best = Best(words, before);
            if (_candidates >= MostCandidates || best.Saved <= 0) return shifts + before;
            words = best.Words;
        }
    }

    private Shift Best(string[] words, int before)
    {
        // For each word of the reference the word of the hypothesis that became it, or stands before its place.
        var aligned = new int[reference.Length];
        var (wordIsWrong, referenceIsWrong) = (new bool[words.Length], new bool[reference.Length]);
        var (i, j) = (-1, -1);
        foreach (var edit in _distance.Edits(words.Length))
        {
            var isWrong = edit != Edit.None;
            if (edit != Edit.Insertion) wordIsWrong[++i] = isWrong;
            if (edit == Edit.Deletion) continue;
            referenceIsWrong[++j] = isWrong;
            aligned[j] = i;
        }

        var best = default(Shift);
        for (var from = 0; from < words.Length; from++)
        {
            for (var at = Math.Max(0, from - MostDistance); at < Math.Min(reference.Length, from + MostDistance + 1); at++)
            {
                for (var length = 1; length <= MostWords && from + length <= words.Length && at + length <= reference.Length && words[from + length - 1] == reference[at + length - 1]; length++)
                {
                    if (!wordIsWrong.AsSpan(from, length).Contains(true) || !referenceIsWrong.AsSpan(at, length).Contains(true)) continue;
                    // No shift within itself.
                    if (aligned[at] >= from && aligned[at] < from + length) continue;
                    var last = -1;
                    for (var offset = -1; offset < length && at + offset < reference.Length; offset++)
                    {
                        var to = at + offset < 0 ? 0 : aligned[at + offset] + 1;
                        if (to == last) continue;
                        last = to;
                        var shifted = Moved(words, from, length, to);
                        var candidate = new Shift(before - _distance.Of(shifted), length, from, to, shifted);
                        _candidates++;
                        if (best.Words is null || candidate.IsBetterThan(best)) best = candidate;
                    }
                    if (_candidates >= MostCandidates) return best;
                }
            }
        }
        return best;
    }

    private static string[] Moved(string[] words, int from, int length, int to)
    {
        var block = words[from..(from + length)];
        if (to < from) return [.. words[..to], .. block, .. words[to..from], .. words[(from + length)..]];
        if (to > from + length) return [.. words[..from], .. words[(from + length)..to], .. block, .. words[to..]];
        return [.. words[..from], .. words[(from + length)..Math.Min(words.Length, length + to)], .. block, .. words[Math.Min(words.Length, length + to)..]];
    }

    private readonly record struct Shift(int Saved, int Length, int From, int To, string[] Words)
    {
        public bool IsBetterThan(Shift other) => (Saved, Length, -From, -To).CompareTo((other.Saved, other.Length, -other.From, -other.To)) > 0;
    }
}
