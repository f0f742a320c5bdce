namespace Stemma.Models.NGram;

/// <summary>What an n-gram model remembers of a sequence: the last words that are worth it, the latest first, and their weights as contexts.</summary>
internal sealed class NGramState(int mostWords) : ISequenceState
{
    /// <summary>The latest word first.</summary>
    public int[] Words { get; } = new int[mostWords];

    /// <summary>The back-off weight, as log10, of the context of the latest word, of the latest two, and so on.</summary>
    public float[] Backoffs { get; } = new float[mostWords];

    /// <summary>How many words count.</summary>
    public int Count { get; set; }

    /// <inheritdoc/>
    public int Length { get; set; }

    /// <inheritdoc/>
    public ISequenceState Fork()
    {
        var fork = new NGramState(Words.Length) { Count = Count, Length = Length };
        Words.CopyTo(fork.Words, 0);
        Backoffs.CopyTo(fork.Backoffs, 0);
        return fork;
    }

    /// <inheritdoc/>
    public bool TryTruncate(int length) => length == Length;

    public void Dispose()
    {
    }
}
