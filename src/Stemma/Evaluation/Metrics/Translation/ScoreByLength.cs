namespace Stemma.Evaluation.Metrics.Translation;

/// <summary>A score of the segments whose sources have so many words. Figure 2 of Bahdanau et al. 2014, arXiv:1409.0473, asks how it falls.</summary>
/// <param name="Least">Words of the shortest source that counts.</param>
/// <param name="Most">Words of the longest; <see cref="int.MaxValue"/> for all longer ones.</param>
/// <param name="Segments">How many there are.</param>
/// <param name="MeanWords">Of their sources.</param>
/// <param name="Score">The score over all of them; NaN where there are none.</param>
public sealed record ScoreByLength(int Least, int Most, int Segments, double MeanWords, double Score)
{
    /// <summary>For example <c>9–12</c>, or <c>21+</c>.</summary>
    public string Name => Most == int.MaxValue ? $"{Least}+" : Least == Most ? $"{Least}" : $"{Least}–{Most}";

    /// <summary>The scores of bands of length.</summary>
    /// <param name="metric">What to count.</param>
    /// <param name="sources">What was translated; white space separates words.</param>
    /// <param name="hypotheses">A translation each.</param>
    /// <param name="references">A right one each.</param>
    /// <param name="edges">The most words of each band but the last, rising.</param>
    public static IReadOnlyList<ScoreByLength> Of(CorpusMetric metric, IReadOnlyList<string> sources, IReadOnlyList<string> hypotheses, IReadOnlyList<string> references, IReadOnlyList<int> edges)
    {
        ArgumentNullException.ThrowIfNull(metric);
        ArgumentNullException.ThrowIfNull(sources);
        ArgumentNullException.ThrowIfNull(edges);
        int[] lengths = [.. sources.Select(source => source.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Length)];
        var bands = new List<ScoreByLength>();
        for (var band = 0; band <= edges.Count; band++)
        {
            var (least, most) = (band == 0 ? 0 : edges[band - 1] + 1, band == edges.Count ? int.MaxValue : edges[band]);
            int[] inside = [.. Enumerable.Range(0, lengths.Length).Where(i => lengths[i] >= least && lengths[i] <= most)];
            var score = inside.Length == 0 ? double.NaN : metric.Score([.. inside.Select(i => hypotheses[i])], [.. inside.Select(i => (IReadOnlyList<string>)[references[i]])]);
            bands.Add(new(Math.Max(least, 1), most, inside.Length, inside.Length == 0 ? double.NaN : inside.Average(i => lengths[i]), score));
        }
        return bands;
    }
}
