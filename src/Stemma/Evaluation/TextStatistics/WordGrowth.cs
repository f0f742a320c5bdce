namespace Stemma.Evaluation.TextStatistics;

/// <summary>
/// How the words of a text are spread: frequency over rank (Zipf 1949), different words over words read (Heaps 1978), and how many words of the text's last tenth
/// a vocabulary misses that holds the most frequent ones of the rest.
/// </summary>
/// <param name="Frequencies">How often each word stands, most frequent first.</param>
/// <param name="Growth">Words read, and how many different ones they were; at about equal factors, the whole text last.</param>
/// <param name="Misses">Sizes of a vocabulary at about equal factors, and the share of the last tenth's words that are not in it.</param>
public sealed record WordGrowth(IReadOnlyList<long> Frequencies, IReadOnlyList<(long Read, long Different)> Growth, IReadOnlyList<(int VocabSize, double Share)> Misses)
{
    private const int PerDecade = 8;
    private const int LeastWords = 100;

    /// <summary>The exponent s of Zipf's law, frequency ∝ rank⁻ˢ: the straight line through the logarithms at ranks 10 to 1,000 at about equal factors.</summary>
    public double ZipfExponent => -Slope(Grid(Math.Min(1000, Frequencies.Count)).Where(rank => rank >= 10 || Frequencies.Count < 100).Select(rank => ((double)rank, (double)Frequencies[rank - 1])));

    /// <summary>The exponent β of Heaps' law, different words ∝ words read to the β, over the second half of the logarithms.</summary>
    public double HeapsExponent => Slope(Growth.Skip(Growth.Count / 2).Select(point => ((double)point.Read, (double)point.Different)));

    /// <summary>Measures a text.</summary>
    /// <param name="words">Its words, in order.</param>
    /// <exception cref="ArgumentException">There are fewer than 100, too few to say anything of.</exception>
    public static WordGrowth Of(IEnumerable<string> words)
    {
        ArgumentNullException.ThrowIfNull(words);
        var all = words.ToList();
        if (all.Count < LeastWords) throw new ArgumentException($"The text has {all.Count} words; how words are spread takes at least {LeastWords}.", nameof(words));
        var counts = new Dictionary<string, long>(StringComparer.Ordinal);
        List<(long, long)> growth = [];
        var (places, next, known) = (Grid(all.Count), 0, all.Count - all.Count / 10);
        KeyValuePair<string, long>[] before = [];
        for (var i = 0; i < all.Count; i++)
        {
            if (i == known) before = [.. counts];
            counts[all[i]] = counts.GetValueOrDefault(all[i]) + 1;
            if (i + 1 < places[next]) continue;
            growth.Add((i + 1, counts.Count));
            next = Math.Min(next + 1, places.Count - 1);
        }

        var ranks = before.OrderByDescending(word => word.Value).ThenBy(word => word.Key, StringComparer.Ordinal).Index().ToDictionary(word => word.Item.Key, word => word.Index, StringComparer.Ordinal);

        // How many words of the last tenth have each rank; those above a vocabulary's size are missed, and so are those that have none.
        var asked = new long[ranks.Count];
        foreach (var word in all.Skip(known))
            if (ranks.TryGetValue(word, out var rank)) asked[rank]++;
        List<(int, double)> misses = [];
        var (covered, at) = (0L, 0);
        foreach (var size in Grid(ranks.Count))
        {
            while (at < size) covered += asked[at++];
            misses.Add((size, 1 - (double)covered / (all.Count - known)));
        }

        return new([.. counts.Values.OrderDescending()], growth, misses);
    }

    /// <summary>Whole numbers from 1 to the most at about equal factors.</summary>
    /// <param name="most">The last of them, at least 1.</param>
    public static IReadOnlyList<int> Grid(int most) =>
        [.. Enumerable.Range(0, (int)(Math.Log10(most) * PerDecade) + 1).Select(i => (int)Math.Round(Math.Pow(10, (double)i / PerDecade))).Where(value => value < most).Append(most).Distinct()];

    private static double Slope(IEnumerable<(double X, double Y)> points)
    {
        var at = points.Select(point => (X: Math.Log(point.X), Y: Math.Log(point.Y))).ToArray();
        if (at.Length < 2) return double.NaN;
        var (x, y) = (at.Average(point => point.X), at.Average(point => point.Y));
        return at.Sum(point => (point.X - x) * (point.Y - y)) / at.Sum(point => (point.X - x) * (point.X - x));
    }
}
