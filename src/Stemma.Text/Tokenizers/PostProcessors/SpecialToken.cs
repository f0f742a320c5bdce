namespace Stemma.Text.Tokenizers.PostProcessors;

/// <summary>A token a post-processor puts in.</summary>
/// <param name="Piece">Its spelling.</param>
/// <param name="Id">Its id.</param>
public readonly record struct SpecialToken(string Piece, int Id);
