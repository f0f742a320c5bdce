namespace Stemma.Text.Tokenizers.Training;

/// <summary>The distinct words of a corpus in ordinal order, and how often each occurs.</summary>
/// <param name="Words">The words.</param>
/// <param name="Counts">Their counts.</param>
/// <param name="CharacterCount">The text's length, in UTF-16 code units.</param>
/// <param name="LowestCount">Words rarer than this were left out, so that the others fit in memory; 1 when none were.</param>
internal sealed record WordCounts(string[] Words, long[] Counts, long CharacterCount, long LowestCount);
