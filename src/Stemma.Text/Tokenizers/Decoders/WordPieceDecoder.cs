namespace Stemma.Text.Tokenizers.Decoders;

/// <summary>Joins continuing pieces and puts a space before the others (<c>WordPiece</c>).</summary>
/// <param name="prefix">What a continuing piece begins with.</param>
/// <param name="cleanup">Whether English punctuation and contractions are pulled together.</param>
public sealed class WordPieceDecoder(string prefix = "##", bool cleanup = true) : PieceDecoder
{
    /// <summary>What a continuing piece begins with.</summary>
    public string Prefix { get; } = prefix;

    /// <summary>Whether English punctuation and contractions are pulled together.</summary>
    public bool Cleanup { get; } = cleanup;

    internal static string Clean(string text) => !text.Contains(' ', StringComparison.Ordinal) ? text : text
        .Replace(" .", ".", StringComparison.Ordinal).Replace(" ?", "?", StringComparison.Ordinal).Replace(" !", "!", StringComparison.Ordinal)
        .Replace(" ,", ",", StringComparison.Ordinal).Replace(" ' ", "'", StringComparison.Ordinal).Replace(" n't", "n't", StringComparison.Ordinal)
        .Replace(" 'm", "'m", StringComparison.Ordinal).Replace(" do not", " don't", StringComparison.Ordinal).Replace(" 's", "'s", StringComparison.Ordinal)
        .Replace(" 've", "'ve", StringComparison.Ordinal).Replace(" 're", "'re", StringComparison.Ordinal);

    internal override string Decode(string piece, bool isFirst)
    {
        if (!isFirst) piece = Prefix.Length > 0 && piece.StartsWith(Prefix, StringComparison.Ordinal) ? piece[Prefix.Length..] : " " + piece;
        return Cleanup ? Clean(piece) : piece;
    }
}
