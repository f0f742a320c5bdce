namespace Stemma.Text.Tokenizers.Bpe;

/// <summary>How far the training of a tokenizer has come.</summary>
/// <param name="CharactersRead">Text counted so far, in UTF-16 code units.</param>
/// <param name="MergesLearned">Merges learned so far; 0 while text is still being counted.</param>
/// <param name="MergesWanted">Merges the vocabulary has room for.</param>
public readonly record struct BpeTrainingProgress(long CharactersRead, int MergesLearned, int MergesWanted);
