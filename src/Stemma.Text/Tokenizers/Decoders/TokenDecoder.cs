namespace Stemma.Text.Tokenizers.Decoders;

/// <summary>The last part of a tokenizer's pipeline: spellings of tokens to text.</summary>
/// <remarks>A decoder does not change once made and serves every thread.</remarks>
public abstract class TokenDecoder
{
    private protected TokenDecoder()
    {
    }

    /// <summary>The text of some tokens, given as they are spelled.</summary>
    public string Decode(IEnumerable<string> pieces)
    {
        ArgumentNullException.ThrowIfNull(pieces);
        var stage = Start();
        List<string> text = [];
        foreach (var piece in pieces) stage.Append(piece, text);
        stage.Flush(text);
        return string.Concat(text);
    }

    /// <summary>Whether what comes out is one string in chunks, no longer a string for each token.</summary>
    internal virtual bool Fuses => false;

    /// <summary>Begins to decode a list of strings, one for each token.</summary>
    internal abstract DecoderStage Start();

    /// <summary>Begins to decode one string that comes in chunks.</summary>
    internal virtual DecoderStage StartFused() => new WholeStage(Start());

    // Waits for the whole string and decodes it as one token.
    private sealed class WholeStage(DecoderStage inner) : DecoderStage
    {
        private readonly List<string> chunks = [];

        public override void Append(string piece, List<string> output) => chunks.Add(piece);

        public override void Flush(List<string> output)
        {
            if (chunks.Count > 0) inner.Append(string.Concat(chunks), output);
            inner.Flush(output);
            chunks.Clear();
        }
    }
}
