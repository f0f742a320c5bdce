namespace Stemma.Text.Tokenizers.Models;

/// <summary>Encodes one word after another for a <see cref="TokenModel"/>. Holds scratch memory, so it serves one thread at a time.</summary>
internal abstract class WordEncoder
{
    /// <summary>Appends the tokens of a word.</summary>
    /// <param name="word">The word, normalised, at least one character.</param>
    /// <param name="ids">Where the ids go.</param>
    /// <param name="byteLengths">
    /// Where, for each id, the number of UTF-8 bytes of <paramref name="word"/> goes that the token stands for; null when nobody asks. They
    /// add up to at most the bytes of the word (less where a model drops characters at its end). A byte token stands for one byte, an unknown
    /// token for all it replaces.
    /// </param>
    public abstract void Encode(ReadOnlySpan<char> word, List<int> ids, List<int>? byteLengths);

    /// <summary>Appends one sampled segmentation of a word (BPE-dropout, Unigram sampling); the plain one where a model has none.</summary>
    /// <param name="word">The word, normalised, at least one character.</param>
    /// <param name="random">Decides it: the same state, the same tokens.</param>
    /// <param name="ids">Where the ids go.</param>
    /// <param name="byteLengths">As in <see cref="Encode"/>.</param>
    public virtual void Sample(ReadOnlySpan<char> word, ref SplitMix random, List<int> ids, List<int>? byteLengths) => Encode(word, ids, byteLengths);
}
