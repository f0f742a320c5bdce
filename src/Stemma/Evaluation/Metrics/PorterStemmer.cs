namespace Stemma.Evaluation.Metrics;

/// <summary>
/// Cuts English words to their stems ("summaries" and "summary" both to "summari"). Porter 1980, "An algorithm for suffix
/// stripping", with the extensions of NLTK's stemmer, which ROUGE's usual implementation counts by.
/// </summary>
public static class PorterStemmer
{
    private static readonly Dictionary<string, string> s_irregular =
        "sky sky skies sky dying die lying lie tying tie news news innings inning inning inning outings outing outing outing cannings canning canning canning howe howe proceed proceed exceed exceed succeed succeed"
            .Split(' ').Chunk(2).ToDictionary(pair => pair[0], pair => pair[1]);

    private static readonly (string Suffix, string Replacement)[] s_second =
    [
        ("ational", "ate"), ("tional", "tion"), ("enci", "ence"), ("anci", "ance"), ("izer", "ize"), ("bli", "ble"), ("alli", "al"), ("entli", "ent"),
        ("eli", "e"), ("ousli", "ous"), ("ization", "ize"), ("ation", "ate"), ("ator", "ate"), ("alism", "al"), ("iveness", "ive"), ("fulness", "ful"),
        ("ousness", "ous"), ("aliti", "al"), ("iviti", "ive"), ("biliti", "ble"), ("fulli", "ful"),
    ];

    private static readonly (string Suffix, string Replacement)[] s_third =
        [("icate", "ic"), ("ative", ""), ("alize", "al"), ("iciti", "ic"), ("ical", "ic"), ("ful", ""), ("ness", "")];

    private static readonly string[] s_fourth =
        ["al", "ance", "ence", "er", "ic", "able", "ible", "ant", "ement", "ment", "ent", "ion", "ou", "ism", "ate", "iti", "ous", "ive", "ize"];

    /// <summary>The stem of a word.</summary>
    /// <param name="word">In small letters; other characters count as consonants.</param>
    public static string Stem(string word)
    {
        ArgumentNullException.ThrowIfNull(word);
        if (s_irregular.TryGetValue(word, out var irregular)) return irregular;
        if (word.Length <= 2) return word;
        return CutLastLetters(CutSuffix(ShortenSuffix(ReplaceSuffix(YToI(CutPast(CutPlural(word)))))));
    }

    // Step 1a.
    private static string CutPlural(string word)
    {
        if (Ends(word, "ies")) return word.Length == 4 ? word[..^1] : word[..^2];
        if (Ends(word, "sses")) return word[..^2];
        return Ends(word, "s") && !Ends(word, "ss") ? word[..^1] : word;
    }

    // Step 1b.
    private static string CutPast(string word)
    {
        if (Ends(word, "ied")) return word.Length == 4 ? word[..^1] : word[..^2];
        if (Ends(word, "eed")) return Measure(word[..^3]) > 0 ? word[..^1] : word;
        var stem = Ends(word, "ed") ? word[..^2] : Ends(word, "ing") ? word[..^3] : null;
        if (stem is null || !HasVowel(stem)) return word;
        if (Ends(stem, "at") || Ends(stem, "bl") || Ends(stem, "iz")) return stem + "e";
        if (EndsInDoubleConsonant(stem)) return stem[^1] is 'l' or 's' or 'z' ? stem : stem[..^1];
        return Measure(stem) == 1 && EndsShort(stem) ? stem + "e" : stem;
    }

    // Step 1c: happy, but not enjoy or by.
    private static string YToI(string word) => Ends(word, "y") && word.Length > 2 && IsConsonant(word, word.Length - 2) ? word[..^1] + "i" : word;

    private static string ReplaceSuffix(string word)
    {
        if (Ends(word, "alli") && Measure(word[..^4]) > 0) return ReplaceSuffix(word[..^4] + "al");
        foreach (var (suffix, replacement) in s_second)
            if (Ends(word, suffix)) return Measure(word[..^suffix.Length]) > 0 ? word[..^suffix.Length] + replacement : word;
        // The l belongs to what is measured: "geologi", but not "logi".
        return Ends(word, "logi") && Measure(word[..^3]) > 0 ? word[..^1] : word;
    }

    private static string ShortenSuffix(string word)
    {
        foreach (var (suffix, replacement) in s_third)
            if (Ends(word, suffix)) return Measure(word[..^suffix.Length]) > 0 ? word[..^suffix.Length] + replacement : word;
        return word;
    }

    private static string CutSuffix(string word)
    {
        foreach (var suffix in s_fourth)
        {
            if (!Ends(word, suffix)) continue;
            var stem = word[..^suffix.Length];
            return Measure(stem) > 1 && (suffix != "ion" || stem[^1] is 's' or 't') ? stem : word;
        }
        return word;
    }

    private static string CutLastLetters(string word)
    {
        if (Ends(word, "e"))
        {
            var stem = word[..^1];
            var measure = Measure(stem);
            if (measure > 1 || (measure == 1 && !EndsShort(stem))) word = stem;
        }
        return Ends(word, "ll") && Measure(word[..^1]) > 1 ? word[..^1] : word;
    }

    private static bool Ends(string word, string suffix) => word.EndsWith(suffix, StringComparison.Ordinal);

    private static bool IsConsonant(string word, int index) => word[index] switch
    {
        'a' or 'e' or 'i' or 'o' or 'u' => false,
        'y' => index == 0 || !IsConsonant(word, index - 1),
        _ => true,
    };

    /// <summary>m of [C](VC)^m[V]: how often a consonant follows a vowel.</summary>
    private static int Measure(string stem)
    {
        var measure = 0;
        for (var i = 1; i < stem.Length; i++)
            if (IsConsonant(stem, i) && !IsConsonant(stem, i - 1)) measure++;
        return measure;
    }

    private static bool HasVowel(string stem)
    {
        for (var i = 0; i < stem.Length; i++)
            if (!IsConsonant(stem, i)) return true;
        return false;
    }

    private static bool EndsInDoubleConsonant(string word) => word.Length >= 2 && word[^1] == word[^2] && IsConsonant(word, word.Length - 1);

    // Consonant, vowel, consonant other than w, x or y: hop, but not snow; or a word of a vowel and a consonant.
    private static bool EndsShort(string word)
    {
        var last = word.Length - 1;
        if (word.Length == 2) return !IsConsonant(word, 0) && IsConsonant(word, 1);
        return word.Length >= 3 && IsConsonant(word, last - 2) && !IsConsonant(word, last - 1) && IsConsonant(word, last) && word[last] is not ('w' or 'x' or 'y');
    }
}
