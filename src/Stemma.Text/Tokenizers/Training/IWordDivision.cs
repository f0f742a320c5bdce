namespace Stemma.Text.Tokenizers.Training;

/// <summary>How a trainer divides text into the words that no token crosses.</summary>
internal interface IWordDivision
{
    /// <summary>The end of the word that starts at a place; larger than the place.</summary>
    static abstract int WordEnd(ReadOnlySpan<char> text, int start);

    /// <summary>A place, at most a limit, where a long text may be cut without cutting a word; 0 when there is none.</summary>
    static abstract int CutPoint(ReadOnlySpan<char> text, int limit);

    /// <summary>What the words of a text begin with at its very start.</summary>
    static abstract string Prefix { get; }
}
