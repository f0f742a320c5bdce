namespace Stemma.Text.Tokenizers.Decoders;

/// <summary>Labels of connectionist temporal classification to text (Graves et al. 2006): repeated ones are one, the blank is none (<c>CTC</c>).</summary>
/// <param name="padToken">The blank.</param>
/// <param name="wordDelimiter">What stands for a space.</param>
/// <param name="cleanup">Whether the delimiter becomes a space and English punctuation is pulled together.</param>
public sealed class CtcDecoder(string padToken = "<pad>", string wordDelimiter = "|", bool cleanup = true) : TokenDecoder
{
    /// <summary>The blank.</summary>
    public string PadToken { get; } = padToken;

    /// <summary>What stands for a space.</summary>
    public string WordDelimiter { get; } = wordDelimiter;

    /// <summary>Whether the delimiter becomes a space and English punctuation is pulled together.</summary>
    public bool Cleanup { get; } = cleanup;

    internal override DecoderStage Start() => new Stage(this);

    private sealed class Stage(CtcDecoder decoder) : DecoderStage
    {
        private string? last;

        public override void Append(string piece, List<string> output)
        {
            if (piece == last) return;
            last = piece;
            var text = decoder.PadToken.Length > 0 ? piece.Replace(decoder.PadToken, "", StringComparison.Ordinal) : piece;
            if (decoder.Cleanup)
            {
                text = WordPieceDecoder.Clean(text);
                if (decoder.WordDelimiter.Length > 0) text = text.Replace(decoder.WordDelimiter, " ", StringComparison.Ordinal);
            }

            if (text.Length > 0) output.Add(text);
        }

        public override void Flush(List<string> output) => last = null;
    }
}
