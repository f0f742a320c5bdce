using System.Text;
using Stemma.Text.Tokenizers.Patterns;

namespace Stemma.Text.Tokenizers.Decoders;

/// <summary>Replaces every match of a pattern (<c>Replace</c>).</summary>
/// <param name="pattern">What is replaced.</param>
/// <param name="content">What stands there then; taken literally.</param>
public sealed class ReplaceDecoder(TextPattern pattern, string content) : PieceDecoder
{
    /// <summary>What is replaced.</summary>
    public TextPattern Pattern { get; } = pattern;

    /// <summary>What stands there then.</summary>
    public string Content { get; } = content;

    internal override string Decode(string piece, bool isFirst)
    {
        List<(int Start, int End)> matches = [];
        Pattern.Find(piece, matches);
        if (matches.Count == 0) return piece;
        var text = new StringBuilder();
        var from = 0;
        foreach (var (start, end) in matches)
        {
            text.Append(piece, from, start - from).Append(Content);
            from = end;
        }

        return text.Append(piece, from, piece.Length - from).ToString();
    }

    // One character cannot lie across chunks; anything longer waits for the whole.
    internal override DecoderStage StartFused() => Pattern is LiteralPattern { Content.Length: 1 } ? Start() : base.StartFused();
}
