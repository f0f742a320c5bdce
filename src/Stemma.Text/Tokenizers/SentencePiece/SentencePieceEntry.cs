namespace Stemma.Text.Tokenizers.SentencePiece;

/// <summary>A piece of a SentencePiece vocabulary.</summary>
/// <param name="Piece">Its spelling, spaces written as <c>▁</c>.</param>
/// <param name="Score">Log-probability of a Unigram piece, in nats; of a BPE piece minus its rank.</param>
/// <param name="Type">What it is for.</param>
public readonly record struct SentencePieceEntry(string Piece, float Score, PieceType Type);
