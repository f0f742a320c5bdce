namespace Stemma.Evaluation.Metrics;

/// <summary>How often each run of neighbouring units occurs.</summary>
internal static class NGrams
{
    // Occurs in no word: words end at white space.
    private const char Between = ' ';

    /// <summary>The runs of a length, with their counts.</summary>
    /// <param name="units">Words, or characters.</param>
    /// <param name="order">Units per run, ≥ 1.</param>
    public static Dictionary<string, int> Count(ReadOnlySpan<string> units, int order)
    {
        var counts = new Dictionary<string, int>(Math.Max(0, units.Length - order + 1), StringComparer.Ordinal);
        for (var i = 0; i + order <= units.Length; i++)
        {
            var run = order == 1 ? units[i] : string.Join(Between, units.Slice(i, order));
            counts[run] = counts.GetValueOrDefault(run) + 1;
        }
        return counts;
    }

    /// <summary>How many of the runs occur in both, each as often as in the one that has fewer.</summary>
    public static int Matches(Dictionary<string, int> some, Dictionary<string, int> others)
    {
        var matches = 0;
        foreach (var (run, count) in some) matches += Math.Min(count, others.GetValueOrDefault(run));
        return matches;
    }
}
