namespace Stemma.Text.Tokenizers.Bpe;

/// <summary>The distinct words of a corpus in ordinal order, and how often each occurs.</summary>
internal sealed record WordCounts(string[] Words, long[] Counts, long CharacterCount);
