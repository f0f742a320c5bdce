namespace Stemma.Text.Tokenizers.Training;

/// <summary>The memory a trainer needs for a distinct word, the word itself included, so that the words kept fit what training may take.</summary>
/// <param name="PerWord">Bytes for each.</param>
/// <param name="PerCharacter">Bytes for each of its UTF-16 code units.</param>
internal readonly record struct TrainerCost(long PerWord, long PerCharacter)
{
    /// <summary>Merging: symbols, and a list of words for each pair, both in arrays that double.</summary>
    public static TrainerCost Merges { get; } = new(96, 64);

    /// <summary>Unigram: the text of all words, its suffix array with shared prefixes and counts.</summary>
    public static TrainerCost Unigram { get; } = new(192, 64);

    public long Of(string word) => PerWord + PerCharacter * word.Length;
}
