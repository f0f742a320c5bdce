namespace Stemma.Evaluation.Metrics;

/// <summary>
/// Errors of a recogniser: the fewest substitutions, deletions and insertions that turn the reference into what was recognised.
/// Counts of several utterances add up; rates are taken of the sums.
/// </summary>
/// <param name="Hits">Units that are right.</param>
/// <param name="Substitutions">Units taken for others.</param>
/// <param name="Deletions">Units of the reference that are missing.</param>
/// <param name="Insertions">Units that the reference does not have.</param>
public readonly record struct WordErrors(long Hits, long Substitutions, long Deletions, long Insertions)
{
    /// <summary>Units of the reference.</summary>
    public long ReferenceLength => Hits + Substitutions + Deletions;

    /// <summary>Word error rate, or character error rate: errors per unit of the reference. May exceed 1.</summary>
    /// <exception cref="InvalidOperationException">The reference is empty.</exception>
    public double Rate => ReferenceLength > 0 ? (double)(Substitutions + Deletions + Insertions) / ReferenceLength : throw new InvalidOperationException("A reference without words has no error rate.");

    /// <summary>Match error rate: the share of all aligned units that are errors; 0 to 1. Morris et al. 2004.</summary>
    public double MatchErrorRate => (double)(Substitutions + Deletions + Insertions) / (ReferenceLength + Insertions);

    /// <summary>Word information lost: 1 less the product of precision and recall of the hits; 0 to 1. Morris et al. 2004.</summary>
    public double InformationLost => 1 - (double)Hits / ReferenceLength * ((Hits + Substitutions + Insertions) is > 0 and var given ? (double)Hits / given : 0);

    /// <summary>Counts errors by words between white space.</summary>
    /// <param name="recognised">What was recognised.</param>
    /// <param name="reference">What was said.</param>
    public static WordErrors OfWords(string recognised, string reference) => Of(Words.Split(recognised), Words.Split(reference));

    /// <summary>Counts errors by characters (code points), white space included.</summary>
    /// <inheritdoc cref="OfWords"/>
    public static WordErrors OfCharacters(string recognised, string reference) => Of(Words.Characters(recognised), Words.Characters(reference));

    /// <summary>Counts errors of units.</summary>
    /// <inheritdoc cref="OfWords"/>
    public static WordErrors Of(ReadOnlySpan<string> recognised, ReadOnlySpan<string> reference)
    {
        var row = new WordErrors[recognised.Length + 1];
        for (var j = 0; j <= recognised.Length; j++) row[j] = new(0, 0, 0, j);
        for (var i = 1; i <= reference.Length; i++)
        {
            var diagonal = row[0];
            row[0] = row[0] with { Deletions = i };
            for (var j = 1; j <= recognised.Length; j++)
            {
                var (above, left) = (row[j], row[j - 1]);
                var best = reference[i - 1] == recognised[j - 1] ? diagonal with { Hits = diagonal.Hits + 1 } : diagonal with { Substitutions = diagonal.Substitutions + 1 };
                if (above.Errors + 1 < best.Errors) best = above with { Deletions = above.Deletions + 1 };
                if (left.Errors + 1 < best.Errors) best = left with { Insertions = left.Insertions + 1 };
                (diagonal, row[j]) = (above, best);
            }
        }
        return row[^1];
    }

    /// <summary>Both together.</summary>
    public static WordErrors operator +(WordErrors a, WordErrors b) => new(a.Hits + b.Hits, a.Substitutions + b.Substitutions, a.Deletions + b.Deletions, a.Insertions + b.Insertions);

    /// <summary>Both together.</summary>
    public static WordErrors Add(WordErrors left, WordErrors right) => left + right;

    private long Errors => Substitutions + Deletions + Insertions;
}
