namespace Stemma.Text.Tokenizers.Decoders;

/// <summary>Pieces with a space between them: what a tokenizer without a decoder does.</summary>
internal sealed class SpaceDecoder : PieceDecoder
{
    public static readonly SpaceDecoder Instance = new();

    private SpaceDecoder()
    {
    }

    internal override string Decode(string piece, bool isFirst) => isFirst ? piece : " " + piece;
}
