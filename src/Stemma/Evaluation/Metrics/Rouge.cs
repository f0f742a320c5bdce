namespace Stemma.Evaluation.Metrics;

/// <summary>Precision, recall and their harmonic mean, each 0 to 1.</summary>
/// <param name="Precision">Of what was given, how much is right.</param>
/// <param name="Recall">Of what is right, how much was given.</param>
public readonly record struct FScore(double Precision, double Recall)
{
    /// <summary>2PR ÷ (P + R); 0 where both are.</summary>
    public double F1 => Precision + Recall > 0 ? 2 * Precision * Recall / (Precision + Recall) : 0;

    internal static FScore Of(double hits, double given, double right) => new(given > 0 ? hits / given : 0, right > 0 ? hits / right : 0);
}

/// <summary>
/// ROUGE: how much of a reference summary a summary says. Lin 2004; words and numbers as of Google's rouge-score package:
/// lower-case runs of ASCII letters and digits, those of more than three cut to their stems where asked.
/// </summary>
public static class Rouge
{
    /// <summary>ROUGE-n: n-grams in common.</summary>
    /// <param name="summary">What a system said.</param>
    /// <param name="reference">What a person said.</param>
    /// <param name="order">n, ≥ 1.</param>
    /// <param name="stem">Whether words with the same stem (<see cref="PorterStemmer"/>) are the same.</param>
    public static FScore N(string summary, string reference, int order, bool stem = false)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(order, 1);
        var (own, others) = (NGrams.Count(Cut(summary, stem), order), NGrams.Count(Cut(reference, stem), order));
        return FScore.Of(NGrams.Matches(own, others), own.Values.Sum(), others.Values.Sum());
    }

    /// <summary>ROUGE-L: the longest common subsequence.</summary>
    /// <inheritdoc cref="N"/>
    public static FScore L(string summary, string reference, bool stem = false)
    {
        var (own, others) = (Cut(summary, stem), Cut(reference, stem));
        return FScore.Of(LongestCommon(others, own)[others.Length, own.Length], own.Length, others.Length);
    }

    /// <summary>
    /// ROUGE-Lsum: lines are sentences; for each sentence of the reference, the union of its longest common subsequences with every
    /// sentence of the summary. No word counts more often than either text has it.
    /// </summary>
    /// <inheritdoc cref="N"/>
    public static FScore LSum(string summary, string reference, bool stem = false)
    {
        var (own, others) = (Sentences(summary, stem), Sentences(reference, stem));
        if (own.Length == 0 || others.Length == 0) return default;
        var (leftInOwn, leftInOthers) = (NGrams.Count([.. own.SelectMany(words => words)], 1), NGrams.Count([.. others.SelectMany(words => words)], 1));
        var hits = 0;
        foreach (var sentence in others)
        {
            var isCommon = new bool[sentence.Length];
            foreach (var candidate in own) Mark(sentence, candidate, isCommon);
            for (var i = 0; i < sentence.Length; i++)
            {
                var word = sentence[i];
                if (!isCommon[i] || leftInOwn.GetValueOrDefault(word) == 0 || leftInOthers[word] == 0) continue;
                hits++;
                leftInOwn[word]--;
                leftInOthers[word]--;
            }
        }
        return FScore.Of(hits, own.Sum(words => words.Length), others.Sum(words => words.Length));
    }

    private static string[][] Sentences(string text, bool stem) => [.. text.Split('\n').Where(line => line.Length > 0).Select(line => Cut(line, stem))];

    private static string[] Cut(string text, bool stem)
    {
        ArgumentNullException.ThrowIfNull(text);
        var letters = text.ToLowerInvariant().Select(letter => char.IsAsciiLetterOrDigit(letter) ? letter : ' ');
        var words = Words.Split(string.Concat(letters));
        return stem ? [.. words.Select(word => word.Length > 3 ? PorterStemmer.Stem(word) : word)] : words;
    }

    private static int[,] LongestCommon(string[] a, string[] b)
    {
        var length = new int[a.Length + 1, b.Length + 1];
        for (var i = 1; i <= a.Length; i++)
            for (var j = 1; j <= b.Length; j++)
                length[i, j] = a[i - 1] == b[j - 1] ? length[i - 1, j - 1] + 1 : Math.Max(length[i - 1, j], length[i, j - 1]);
        return length;
    }

    /// <summary>Marks one longest common subsequence within the sentence: of several, the one that ends earliest.</summary>
    private static void Mark(string[] sentence, string[] candidate, bool[] isCommon)
    {
        var length = LongestCommon(sentence, candidate);
        for (var (i, j) = (sentence.Length, candidate.Length); i > 0 && j > 0;)
        {
            if (sentence[i - 1] == candidate[j - 1])
            {
                isCommon[i - 1] = true;
                (i, j) = (i - 1, j - 1);
            }
            else if (length[i, j - 1] > length[i - 1, j])
            {
                j--;
            }
            else
            {
                i--;
            }
        }
    }
}
