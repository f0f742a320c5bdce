using System.Text.RegularExpressions;

namespace Stemma.Evaluation.Metrics;

/// <summary>Short answers against given ones, as SQuAD's official script has them: without case, punctuation and articles.</summary>
public static partial class Answers
{
    /// <summary>Whether the answer equals one of the given ones.</summary>
    /// <param name="answer">A system's.</param>
    /// <param name="accepted">At least one.</param>
    public static bool ExactMatch(string answer, IReadOnlyList<string> accepted)
    {
        ArgumentNullException.ThrowIfNull(accepted);
        var own = Normalize(answer);
        return accepted.Any(other => Normalize(other) == own);
    }

    /// <summary>The best F-score of words in common with one of the given answers.</summary>
    /// <inheritdoc cref="ExactMatch"/>
    public static double F1(string answer, IReadOnlyList<string> accepted)
    {
        ArgumentNullException.ThrowIfNull(accepted);
        var own = Words.Split(Normalize(answer));
        return accepted.Max(other =>
        {
            var others = Words.Split(Normalize(other));
            return FScore.Of(NGrams.Matches(NGrams.Count(own, 1), NGrams.Count(others, 1)), own.Length, others.Length).F1;
        });
    }

    /// <summary>What is compared.</summary>
    public static string Normalize(string answer)
    {
        ArgumentNullException.ThrowIfNull(answer);
        var letters = string.Concat(answer.ToLowerInvariant().Where(letter => !(char.IsAscii(letter) && (char.IsPunctuation(letter) || char.IsSymbol(letter)))));
        return string.Join(' ', Words.Split(Articles().Replace(letters, " ")));
    }

    [GeneratedRegex(@"\b(a|an|the)\b", RegexOptions.CultureInvariant)]
    private static partial Regex Articles();
}
