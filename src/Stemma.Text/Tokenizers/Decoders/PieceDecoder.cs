namespace Stemma.Text.Tokenizers.Decoders;

/// <summary>A decoder that changes every string by itself, knowing at most whether it is the first.</summary>
public abstract class PieceDecoder : TokenDecoder
{
    private protected PieceDecoder()
    {
    }

    internal abstract string Decode(string piece, bool isFirst);

    internal override DecoderStage Start() => new Stage(this);

    private sealed class Stage(PieceDecoder decoder) : DecoderStage
    {
        private bool isFirst = true;

        public override void Append(string piece, List<string> output)
        {
            output.Add(decoder.Decode(piece, isFirst));
            isFirst = false;
        }

        public override void Flush(List<string> output) => isFirst = true;
    }
}
