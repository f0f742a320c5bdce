namespace Stemma.Text.Tokenizers.Decoders;

/// <summary>Makes one string of all: what follows in a sequence sees the whole text, no longer tokens (<c>Fuse</c>).</summary>
public sealed class FuseDecoder : PieceDecoder
{
    internal override bool Fuses => true;

    internal override string Decode(string piece, bool isFirst) => piece;

    internal override DecoderStage StartFused() => Start();
}
