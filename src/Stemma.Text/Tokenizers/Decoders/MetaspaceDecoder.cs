using System.Text;
using Stemma.Text.Tokenizers.PreTokenizers;

namespace Stemma.Text.Tokenizers.Decoders;

/// <summary>SentencePiece's visible spaces back to spaces; those of the first piece go when the pre-tokenizer puts one there (<c>Metaspace</c>).</summary>
/// <param name="replacement">The visible space, mostly ▁.</param>
/// <param name="scheme">When the pre-tokenizer puts one before a text.</param>
/// <param name="split">Kept for the file; decoding does not depend on it.</param>
public sealed class MetaspaceDecoder(Rune replacement, PrependScheme scheme = PrependScheme.Always, bool split = true) : PieceDecoder
{
    private readonly string spelling = replacement.ToString();

    /// <summary>The visible space.</summary>
    public Rune Replacement { get; } = replacement;

    /// <summary>When the pre-tokenizer puts one before a text.</summary>
    public PrependScheme Scheme { get; } = scheme;

    /// <summary>As the file says.</summary>
    public bool Split { get; } = split;

    internal override string Decode(string piece, bool isFirst) =>
        piece.Replace(spelling, isFirst && Scheme != PrependScheme.Never ? "" : " ", StringComparison.Ordinal);
}
