namespace Stemma.Evaluation.Metrics.Translation;

/// <summary>
/// A measure of a whole text against references, whose value is a function of counts that add up over segments. That is what
/// makes resampling cheap: see <see cref="SystemComparison"/>.
/// </summary>
public abstract record CorpusMetric : ICountedScore
{
    /// <summary>For example <c>BLEU</c>.</summary>
    public abstract string Name { get; }

    /// <summary>Whether more is better.</summary>
    public virtual bool HigherIsBetter => true;

    /// <summary>How many numbers are counted per segment.</summary>
    public abstract int CountLength { get; }

    /// <summary>What decides the score, in sacreBLEU's words: two scores compare only if these are equal.</summary>
    /// <param name="referenceCount">References per segment.</param>
    public string Signature(int referenceCount) => $"nrefs:{referenceCount}|{Settings}|version:2.6.0";

    /// <summary>The part of the signature that the metric's own settings decide.</summary>
    protected abstract string Settings { get; }

    /// <summary>Counts one segment.</summary>
    /// <param name="hypothesis">What a system said.</param>
    /// <param name="references">What it might have said; at least one.</param>
    /// <param name="counts">Written: <see cref="CountLength"/> numbers.</param>
    public abstract void Count(string hypothesis, IReadOnlyList<string> references, Span<double> counts);

    /// <summary>The score of counts, those of one segment or sums over many: 0 to 100, where errors may exceed 100.</summary>
    public abstract double Score(ReadOnlySpan<double> counts);

    /// <summary>Counts every segment.</summary>
    /// <param name="hypotheses">A system's segments.</param>
    /// <param name="references">For each segment its references.</param>
    /// <exception cref="ArgumentException">Other numbers of segments, or a segment without a reference.</exception>
    public SegmentCounts CountAll(IReadOnlyList<string> hypotheses, IReadOnlyList<IReadOnlyList<string>> references)
    {
        ArgumentNullException.ThrowIfNull(hypotheses);
        ArgumentNullException.ThrowIfNull(references);
        if (hypotheses.Count != references.Count) throw new ArgumentException($"There are {hypotheses.Count} hypotheses and references for {references.Count} segments; they belong together one to one.", nameof(references));
        var counts = new SegmentCounts(hypotheses.Count, CountLength);
        for (var i = 0; i < hypotheses.Count; i++)
        {
            if (references[i].Count == 0) throw new ArgumentException($"Segment {i + 1} has no reference.", nameof(references));
            Count(hypotheses[i], references[i], counts[i]);
        }
        return counts;
    }

    /// <summary>The score of a whole text.</summary>
    /// <inheritdoc cref="CountAll"/>
    public double Score(IReadOnlyList<string> hypotheses, IReadOnlyList<IReadOnlyList<string>> references) => Score(CountAll(hypotheses, references).Sum());

    /// <summary>The score of one segment.</summary>
    public double Score(string hypothesis, params IReadOnlyList<string> references) => Score([hypothesis], [references]);
}
