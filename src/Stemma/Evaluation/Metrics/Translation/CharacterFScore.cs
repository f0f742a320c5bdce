namespace Stemma.Evaluation.Metrics.Translation;

/// <summary>
/// chrF: an F-score over n-grams of characters, and chrF++ with those of words beside them. Popović 2015 and 2017; numbers as of
/// sacreBLEU.
/// </summary>
public sealed record CharacterFScore : CorpusMetric
{
    private const double Epsilon = 1e-16;
    private const string Punctuation = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~";

    /// <summary>The longest n-grams of characters, ≥ 1.</summary>
    public int CharacterOrder { get; init; } = 6;

    /// <summary>The longest n-grams of words: 0 for chrF, 2 for chrF++.</summary>
    public int WordOrder { get; init; }

    /// <summary>How many times as much recall counts as precision.</summary>
    public int Beta { get; init; } = 2;

    /// <summary>Whether letters are made small first.</summary>
    public bool LowerCase { get; init; }

    /// <summary>Whether white space belongs to the characters.</summary>
    public bool WhiteSpace { get; init; }

    /// <summary>Whether orders that a text does not have count as almost nothing, instead of being left out of the mean.</summary>
    public bool EpsilonSmoothing { get; init; }

    /// <inheritdoc/>
    public override string Name => $"chrF{Beta}{new string('+', WordOrder)}";

    /// <summary>For each order, characters first: n-grams of the hypothesis, of the reference, and matches.</summary>
    public override int CountLength => 3 * (CharacterOrder + WordOrder);

    /// <inheritdoc/>
    protected override string Settings => $"case:{(LowerCase ? "lc" : "mixed")}|eff:{(EpsilonSmoothing ? "no" : "yes")}|nc:{CharacterOrder}|nw:{WordOrder}|space:{(WhiteSpace ? "yes" : "no")}";

    /// <summary>Counts against the reference with which the segment scores best.</summary>
    public override void Count(string hypothesis, IReadOnlyList<string> references, Span<double> counts)
    {
        ArgumentNullException.ThrowIfNull(references);
        var own = Runs(hypothesis);
        var (best, candidate) = (-1.0, new double[CountLength]);
        foreach (var reference in references)
        {
            var others = Runs(reference);
            for (var i = 0; i < own.Length; i++)
            {
                // Orders that the reference does not have are not held against the hypothesis.
                candidate[3 * i] = others[i].Count > 0 ? own[i].Values.Sum() : 0;
                candidate[3 * i + 1] = others[i].Values.Sum();
                candidate[3 * i + 2] = NGrams.Matches(own[i], others[i]);
            }
            var score = Score(candidate);
            if (score <= best) continue;
            best = score;
            candidate.CopyTo(counts);
        }
    }

    /// <inheritdoc/>
    public override double Score(ReadOnlySpan<double> counts)
    {
        double weight = Beta * Beta, precisions = 0, recalls = 0, scores = 0;
        var orders = 0;
        for (var i = 0; i < counts.Length; i += 3)
        {
            var (own, other, matches) = (counts[i], counts[i + 1], counts[i + 2]);
            var (precision, recall) = (own > 0 ? matches / own : Epsilon, other > 0 ? matches / other : Epsilon);
            scores += weight * precision + recall > 0 ? F(precision, recall) : Epsilon;
            if (own == 0 || other == 0) continue;
            (precisions, recalls, orders) = (precisions + precision, recalls + recall, orders + 1);
        }
        if (EpsilonSmoothing) return 100 * scores / (CharacterOrder + WordOrder);
        return precisions + recalls > 0 ? 100 * F(precisions / orders, recalls / orders) : 0;

        double F(double precision, double recall) => (1 + weight) * precision * recall / (weight * precision + recall);
    }

    private Dictionary<string, int>[] Runs(string text)
    {
        if (LowerCase) text = text.ToLowerInvariant();
        var characters = Words.Characters(WhiteSpace ? text : string.Concat(Words.Split(text)));
        var words = WordOrder > 0 ? CutPunctuation(text) : [];
        return [.. Enumerable.Range(1, CharacterOrder).Select(n => NGrams.Count(characters, n)), .. Enumerable.Range(1, WordOrder).Select(n => NGrams.Count(words, n))];
    }

    /// <summary>Words, a mark at the end or else at the beginning of a word apart.</summary>
    private static string[] CutPunctuation(string text) => [.. Words.Split(text).SelectMany(word =>
        word.Length == 1 ? (string[])[word]
        : Punctuation.Contains(word[^1], StringComparison.Ordinal) ? [word[..^1], word[^1..]]
        : Punctuation.Contains(word[0], StringComparison.Ordinal) ? [word[..1], word[1..]]
        : [word])];
}
