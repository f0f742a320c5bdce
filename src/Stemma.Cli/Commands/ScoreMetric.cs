using Stemma.Configuration;
using Stemma.Evaluation.Metrics;
using Stemma.Evaluation.Metrics.Translation;

namespace Stemma.Cli.Commands;

/// <summary>A metric that <c>stemma score</c> knows: how it counts a segment, what it makes of the counts, and what decides it.</summary>
/// <param name="Name">As it is typed.</param>
/// <param name="Title">As it is written.</param>
/// <param name="Score">What the counts come to.</param>
/// <param name="Count">Counts one segment.</param>
/// <param name="Signature">What decides the numbers, for so many references.</param>
/// <param name="TakesSeveral">Whether a segment may have several references.</param>
internal sealed record ScoreMetric(string Name, string Title, ICountedScore Score, ScoreMetric.Counter Count, Func<int, string> Signature, bool TakesSeveral)
{
    /// <summary>Counts a segment.</summary>
    public delegate void Counter(string hypothesis, IReadOnlyList<string> references, Span<double> counts);

    /// <summary>The names there are.</summary>
    public static IReadOnlyList<string> Names { get; } = ["bleu", "chrf", "chrf++", "ter", "rouge-1", "rouge-2", "rouge-l", "rouge-lsum", "wer", "cer", "accuracy", "exact", "f1"];

    /// <summary>The metric of a name.</summary>
    /// <param name="name">One of <see cref="Names"/>.</param>
    /// <param name="lowerCase">Whether letters are made small first, where the metric lets one choose.</param>
    /// <param name="tokenizer">How BLEU cuts words.</param>
    /// <param name="stem">Whether ROUGE compares stems of words.</param>
    /// <exception cref="MisuseException">There is none of that name.</exception>
    public static ScoreMetric Find(string name, bool lowerCase, BleuTokenizer tokenizer, bool stem) => name switch
    {
        "bleu" => Of(name, new Bleu { Tokenizer = tokenizer, LowerCase = lowerCase }),
        "chrf" => Of(name, new CharacterFScore { LowerCase = lowerCase }),
        "chrf++" => Of(name, new CharacterFScore { WordOrder = 2, LowerCase = lowerCase }),
        "ter" => Of(name, new TranslationEditRate { CaseSensitive = !lowerCase }),
        "rouge-1" => Summary(name, "ROUGE-1", stem, (a, b) => Rouge.N(a, b, 1, stem)),
        "rouge-2" => Summary(name, "ROUGE-2", stem, (a, b) => Rouge.N(a, b, 2, stem)),
        "rouge-l" => Summary(name, "ROUGE-L", stem, (a, b) => Rouge.L(a, b, stem)),
        "rouge-lsum" => Summary(name, "ROUGE-Lsum", stem, (a, b) => Rouge.LSum(a, b, stem)),
        "wer" => Errors(name, "WER", lowerCase, WordErrors.OfWords),
        "cer" => Errors(name, "CER", lowerCase, WordErrors.OfCharacters),
        "accuracy" => Answer(name, "Accuracy", (said, right) => right.Any(one => one.Trim() == said.Trim()) ? 1 : 0, "lines that equal a reference"),
        "exact" => Answer(name, "Exact", (said, right) => Answers.ExactMatch(said, right) ? 1 : 0, "answers that equal one, without case, punctuation and articles (SQuAD)"),
        "f1" => Answer(name, "F1", Answers.F1, "mean of the best F-score of words in common (SQuAD)"),
        _ => throw new MisuseException($"There is no metric {name}.{NearestName.Suggestion(name, Names)} Metrics: {string.Join(", ", Names)}."),
    };

    /// <summary>Counts all segments.</summary>
    public SegmentCounts CountAll(IReadOnlyList<string> hypotheses, IReadOnlyList<string[]> references)
    {
        var counts = new SegmentCounts(hypotheses.Count, Score.CountLength);
        for (var i = 0; i < hypotheses.Count; i++) Count(hypotheses[i], references[i], counts[i]);
        return counts;
    }

    private static ScoreMetric Of(string name, CorpusMetric metric) => new(name, metric.Name, metric, metric.Count, metric.Signature, TakesSeveral: true);

    // The mean over segments, as summaries are reported.
    private static ScoreMetric Summary(string name, string title, bool stem, Func<string, string, FScore> of) => new(name, title, new Share(), (hypothesis, references, counts) =>
    {
        (counts[0], counts[1]) = (of(hypothesis, references[0]).F1, 1);
    }, _ => $"mean F1 over segments, lower case, {(stem ? "Porter stems" : "no stemming")}", TakesSeveral: false);

    // A label or an answer a line, of which several may be right.
    private static ScoreMetric Answer(string name, string title, Func<string, IReadOnlyList<string>, double> of, string signature) =>
        new(name, title, new Share(), (hypothesis, references, counts) => (counts[0], counts[1]) = (of(hypothesis, references), 1), _ => signature, TakesSeveral: true);

    private static ScoreMetric Errors(string name, string title, bool lowerCase, Func<string, string, WordErrors> of) => new(name, title, new Share(), (hypothesis, references, counts) =>
    {
        var errors = lowerCase ? of(hypothesis.ToLowerInvariant(), references[0].ToLowerInvariant()) : of(hypothesis, references[0]);
        (counts[0], counts[1]) = (errors.Substitutions + errors.Deletions + errors.Insertions, errors.ReferenceLength);
    }, _ => $"errors per unit of the reference, {(lowerCase ? "lower case" : "mixed case")}", TakesSeveral: false);

    /// <summary>The first count as a share of the second, in per cent.</summary>
    private sealed record Share : ICountedScore
    {
        public int CountLength => 2;

        public double Score(ReadOnlySpan<double> counts) => counts[1] == 0 ? double.NaN : 100 * counts[0] / counts[1];
    }
}
