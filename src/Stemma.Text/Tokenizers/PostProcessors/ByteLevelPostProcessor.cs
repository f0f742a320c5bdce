using Stemma.Text.Tokenizers.PreTokenizers;

namespace Stemma.Text.Tokenizers.PostProcessors;

/// <summary>Leaves white space out of the spans of byte-level tokens (<c>ByteLevel</c>); adds no token.</summary>
/// <param name="addPrefixSpace">Whether the pre-tokenizer puts a space before the text, which then is not of the text.</param>
/// <param name="trimOffsets">Whether to do so at all.</param>
/// <param name="useRegex">Kept for the file; nothing depends on it here.</param>
public sealed class ByteLevelPostProcessor(bool addPrefixSpace = true, bool trimOffsets = true, bool useRegex = true) : PostProcessor
{
    /// <summary>Whether the pre-tokenizer puts a space before the text.</summary>
    public bool AddPrefixSpace { get; } = addPrefixSpace;

    /// <summary>Whether white space is left out of spans.</summary>
    public bool TrimOffsets { get; } = trimOffsets;

    /// <summary>As the file says.</summary>
    public bool UseRegex { get; } = useRegex;

    internal override int AddedCount(bool isPair) => 0;

    internal override List<List<EncodedToken>> Process(List<List<EncodedToken>> parts) =>
        TrimOffsets ? [.. parts.Select(part => Trim(part, AddPrefixSpace))] : parts;

    internal static List<EncodedToken> Trim(List<EncodedToken> part, bool addPrefixSpace)
    {
        List<EncodedToken> trimmed = [];
        foreach (var token in part)
        {
            var (span, piece) = (token.Span, token.Span.Piece);
            var (leading, trailing) = (0, 0);
            while (leading < piece.Length && IsSpace(piece[leading])) leading++;
            while (trailing < piece.Length && IsSpace(piece[^(trailing + 1)])) trailing++;
            if (leading > 0 && addPrefixSpace && (trimmed.Count == 0 || span.CharStart == 0)) leading--;
            var (charStart, byteStart) = (Math.Min(span.CharStart + leading, span.CharEnd), Math.Min(span.ByteStart + leading, span.ByteEnd));
            var (charEnd, byteEnd) = (Math.Max(span.CharEnd - trailing, charStart), Math.Max(span.ByteEnd - trailing, byteStart));
            trimmed.Add(token with { Span = span with { CharStart = charStart, CharEnd = charEnd, ByteStart = byteStart, ByteEnd = byteEnd } });
        }

        return trimmed;
    }

    private static bool IsSpace(char character) => character == 'Ġ' || CharacterClasses.IsSpace(character);
}
