namespace Stemma.Text.Tokenizers.Decoders;

/// <summary>The mark of a word's end becomes a space, at the end of the text nothing (<c>BPEDecoder</c>).</summary>
/// <param name="suffix">The mark, mostly <c>&lt;/w&gt;</c>.</param>
public sealed class SuffixDecoder(string suffix = "</w>") : TokenDecoder
{
    /// <summary>The mark.</summary>
    public string Suffix { get; } = suffix.Length > 0 ? suffix : throw new ArgumentException("A suffix must not be empty.", nameof(suffix));

    internal override DecoderStage Start() => new Stage(Suffix);

    private sealed class Stage(string suffix) : DecoderStage
    {
        private string? last;

        public override void Append(string piece, List<string> output)
        {
            Emit(" ", output);
            last = piece;
        }

        public override void Flush(List<string> output)
        {
            Emit("", output);
            last = null;
        }

        private void Emit(string end, List<string> output)
        {
            if (last is not null) output.Add(last.Replace(suffix, end, StringComparison.Ordinal));
        }
    }
}
