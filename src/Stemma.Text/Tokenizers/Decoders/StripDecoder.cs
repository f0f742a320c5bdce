using System.Text;

namespace Stemma.Text.Tokenizers.Decoders;

/// <summary>Drops a character at the ends of a string, up to a number of times (<c>Strip</c>).</summary>
/// <param name="content">The character.</param>
/// <param name="start">How many at the beginning, at most.</param>
/// <param name="stop">How many at the end, at most.</param>
public sealed class StripDecoder(Rune content, int start, int stop) : PieceDecoder
{
    private readonly string spelling = content.ToString();

    /// <summary>The character.</summary>
    public Rune Content { get; } = content;

    /// <summary>How many go at the beginning, at most.</summary>
    public int StartCount { get; } = start;

    /// <summary>How many go at the end, at most.</summary>
    public int StopCount { get; } = stop;

    internal override string Decode(string piece, bool isFirst)
    {
        var (from, to) = (0, piece.Length);
        for (var i = 0; i < StartCount && piece.AsSpan(from).StartsWith(spelling, StringComparison.Ordinal); i++) from += spelling.Length;
        for (var i = 0; i < StopCount && to > from && piece.AsSpan(from, to - from).EndsWith(spelling, StringComparison.Ordinal); i++) to -= spelling.Length;
        return piece[from..to];
    }

    internal override DecoderStage StartFused() => new FusedStage(this);

    // Drops at the beginning at once and keeps back what may be dropped at the end.
    private sealed class FusedStage(StripDecoder decoder) : DecoderStage
    {
        private int toDrop = decoder.StartCount;
        private string held = "";

        public override void Append(string piece, List<string> output)
        {
            var from = 0;
            for (; toDrop > 0 && from < piece.Length; toDrop--, from += decoder.spelling.Length)
            {
                if (piece.AsSpan(from).StartsWith(decoder.spelling, StringComparison.Ordinal)) continue;
                toDrop = 0;
                break;
            }

            var text = held + piece[from..];
            var keep = text.Length;
            for (var i = 0; i < decoder.StopCount && text.AsSpan(0, keep).EndsWith(decoder.spelling, StringComparison.Ordinal); i++) keep -= decoder.spelling.Length;
            held = text[keep..];
            if (keep > 0) output.Add(text[..keep]);
        }

        public override void Flush(List<string> output) => (toDrop, held) = (decoder.StartCount, "");
    }
}
