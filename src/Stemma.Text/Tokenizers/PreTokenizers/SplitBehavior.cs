namespace Stemma.Text.Tokenizers.PreTokenizers;

/// <summary>What becomes of the matches a text is divided at.</summary>
public enum SplitBehavior
{
    /// <summary>They go.</summary>
    Removed,

    /// <summary>Each is a word.</summary>
    Isolated,

    /// <summary>A match ends the word before it.</summary>
    MergedWithPrevious,

    /// <summary>A match begins the word after it.</summary>
    MergedWithNext,

    /// <summary>Adjacent matches are one word.</summary>
    Contiguous,
}
