namespace Stemma.Text.Tokenizers.Training;

/// <summary>How far the training of a tokenizer has come.</summary>
/// <param name="Stage">What it does.</param>
/// <param name="Fraction">How much of the stage is done, 0 … 1; null where that is not known.</param>
/// <param name="CharactersRead">Text counted so far, in UTF-16 code units.</param>
public readonly record struct TokenizerProgress(string Stage, double? Fraction, long CharactersRead);
