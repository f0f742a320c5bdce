namespace Stemma.Text.Corpora.Words;

/// <summary>The words of a text and how often each appears: the most frequent first, of equals the first in ordinal order.</summary>
public sealed class WordVocabulary
{
    private readonly string[] words;
    private readonly long[] counts;
    private readonly Dictionary<string, int> ids;

    internal WordVocabulary(string[] words, long[] counts)
    {
        (this.words, this.counts) = (words, counts);
        ids = new(words.Length, StringComparer.Ordinal);
        for (var i = 0; i < words.Length; i++) ids.Add(words[i], i);
    }

    /// <summary>How many words there are.</summary>
    public int Count => words.Length;

    /// <summary>The words; a word's place is its id.</summary>
    public IReadOnlyList<string> Words => words;

    /// <summary>How often each word appears.</summary>
    public ReadOnlySpan<long> Counts => counts;

    /// <summary>A word's id; −1 for a word that is not among them.</summary>
    public int Find(string word) => ids.GetValueOrDefault(word, -1);
}
