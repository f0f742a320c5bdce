namespace Stemma.Evaluation.Metrics.Translation;

/// <summary>
/// TER: insertions, deletions, substitutions and shifts of blocks of words that turn the hypothesis into a reference, per word of
/// the reference. Snover et al. 2006; numbers as of sacreBLEU, whose search follows Tercom's.
/// </summary>
public sealed record TranslationEditRate : CorpusMetric
{
    /// <summary>Whether small and capital letters differ.</summary>
    public bool CaseSensitive { get; init; }

    /// <summary>Whether punctuation is cut off words first.</summary>
    public bool Normalized { get; init; }

    /// <summary>Whether punctuation is left out.</summary>
    public bool NoPunctuation { get; init; }

    /// <summary>Whether <see cref="Normalized"/> and <see cref="NoPunctuation"/> also see to East Asian characters.</summary>
    public bool AsianSupport { get; init; }

    /// <inheritdoc/>
    public override string Name => "TER";

    /// <inheritdoc/>
    public override bool HigherIsBetter => false;

    /// <summary>Edits, and the references' mean length.</summary>
    public override int CountLength => 2;

    /// <inheritdoc/>
    protected override string Settings => $"case:{(CaseSensitive ? "mixed" : "lc")}|tok:tercom|norm:{YesNo(Normalized)}|punct:{YesNo(!NoPunctuation)}|asian:{YesNo(AsianSupport)}";

    /// <inheritdoc/>
    public override void Count(string hypothesis, IReadOnlyList<string> references, Span<double> counts)
    {
        ArgumentNullException.ThrowIfNull(references);
        var words = Cut(hypothesis);
        var (fewest, length) = (double.PositiveInfinity, 0.0);
        foreach (var reference in references)
        {
            // The original prepares references twice, and what it prints is the standard: "Luke's," loses its 's only then.
            var others = Cut(string.Join(' ', Cut(reference)));
            fewest = Math.Min(fewest, others.Length == 0 ? words.Length : new ShiftSearch(others).Edits(words));
            length += others.Length;
        }
        (counts[0], counts[1]) = (fewest, length / references.Count);
    }

    /// <inheritdoc/>
    public override double Score(ReadOnlySpan<double> counts) => counts[1] > 0 ? 100 * counts[0] / counts[1] : counts[0] > 0 ? 100 : 0;

    private string[] Cut(string text)
    {
        text = Words.TrimEnd(text);
        if (text.Length == 0) return [];
        if (!CaseSensitive) text = text.ToLowerInvariant();
        if (Normalized) text = TercomText.Normalize(text, AsianSupport);
        if (NoPunctuation) text = TercomText.WithoutPunctuation(text, AsianSupport);
        return Words.Split(text);
    }

    private static string YesNo(bool value) => value ? "yes" : "no";
}
