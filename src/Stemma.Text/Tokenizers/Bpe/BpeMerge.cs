namespace Stemma.Text.Tokenizers.Bpe;

/// <summary>One merge of byte pair encoding: where <paramref name="Left"/> precedes <paramref name="Right"/>, they become one token.</summary>
/// <param name="Left">The id of the left token.</param>
/// <param name="Right">The id of the right token.</param>
/// <param name="Result">The id of the token whose bytes are those of both.</param>
public readonly record struct BpeMerge(int Left, int Right, int Result);
