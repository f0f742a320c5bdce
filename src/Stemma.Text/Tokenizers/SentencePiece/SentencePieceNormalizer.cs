using System.Text;
using Stemma.Text.Tokenizers.Normalizers;
using Stemma.Text.Tokenizers.Unigram;

namespace Stemma.Text.Tokenizers.SentencePiece;

/// <summary>
/// SentencePiece's preparation of a text: replacements by <see cref="CharsMap"/>, spaces at the ends and repeated ones removed, a space before
/// the first word, spaces written as <c>▁</c>; user-defined pieces are left as they are. For every byte of the result it knows where in the
/// text it comes from.
/// </summary>
internal sealed class SentencePieceNormalizer
{
    private static readonly byte[] s_space = Encoding.UTF8.GetBytes("▁");
    private static readonly byte[] s_replacement = Encoding.UTF8.GetBytes("\uFFFD");

    private readonly SentencePieceModel model;
    private readonly CharsMap? charsMap;
    private readonly ByteTrie? userDefined;

    public SentencePieceNormalizer(SentencePieceModel model)
    {
        this.model = model;
        charsMap = model.CharsMap.IsEmpty ? null : new CharsMap(model.CharsMap.ToArray());
        var own = model.Pieces.Where(piece => piece.Type == PieceType.UserDefined).Select((piece, i) => (Encoding.UTF8.GetBytes(piece.Piece), i)).ToArray();
        userDefined = own.Length == 0 ? null : new ByteTrie(own);
    }

    /// <summary>The bytes of the longest user-defined piece at the start of a text; 0 when there is none.</summary>
    public int UserDefined(ReadOnlySpan<byte> text)
    {
        var longest = 0;
        if (userDefined is null) return longest;
        for (int i = 0, node = 0; i < text.Length && (node = userDefined.Step(node, text[i])) != ByteTrie.None; i++)
            if (userDefined.Value(node) >= 0) longest = i + 1;
        return longest;
    }

    /// <summary>Normalises UTF-8.</summary>
    /// <param name="text">The text.</param>
    /// <param name="normalized">Where the result goes.</param>
    /// <param name="origins">Where for each byte of the result, and its end, the place in the text goes; null when nobody asks.</param>
    public void Normalize(ReadOnlySpan<byte> text, ByteBuffer normalized, List<int>? origins)
    {
        var consumed = 0;
        if (model.RemoveExtraWhitespaces)
        {
            while (consumed < text.Length)
            {
                var length = Prefix(text[consumed..], out var prefix);
                if (!prefix.SequenceEqual(" "u8)) break;
                consumed += length;
            }
        }

        if (consumed == text.Length) return;
        var space = model.EscapeWhitespaces ? s_space : " "u8;
        if (!model.WhitespaceAsSuffix && model.AddDummyPrefix) Append(normalized, origins, space, consumed);
        var afterSpace = model.RemoveExtraWhitespaces;
        while (consumed < text.Length)
        {
            var length = Prefix(text[consumed..], out var prefix);
            while (afterSpace && prefix.StartsWith(" "u8)) prefix = prefix[1..];
            if (!prefix.IsEmpty)
            {
                foreach (var value in prefix)
                {
                    if (value == ' ' && model.EscapeWhitespaces) Append(normalized, origins, s_space, consumed);
                    else Append(normalized, origins, [value], consumed);
                }

                afterSpace = prefix[^1] == ' ';
            }

            consumed += length;
            if (!model.RemoveExtraWhitespaces) afterSpace = false;
        }

        if (model.RemoveExtraWhitespaces)
        {
            while (normalized.Written.EndsWith(space))
            {
                normalized.Length -= space.Length;
                if (origins is null) continue;
                consumed = origins[normalized.Length];
                origins.RemoveRange(normalized.Length, space.Length);
            }
        }

        if (model.WhitespaceAsSuffix && model.AddDummyPrefix) Append(normalized, origins, space, consumed);
        origins?.Add(consumed);
    }

    private static void Append(ByteBuffer normalized, List<int>? origins, ReadOnlySpan<byte> bytes, int origin)
    {
        normalized.Append(bytes);
        for (var i = 0; origins is not null && i < bytes.Length; i++) origins.Add(origin);
    }

    // How much of the text is taken, and what it becomes.
    private int Prefix(ReadOnlySpan<byte> text, out ReadOnlySpan<byte> prefix)
    {
        var length = UserDefined(text);
        if (length > 0)
        {
            prefix = text[..length];
            return length;
        }

        if (charsMap is not null && charsMap.TryMatch(text, longest: true, out length, out prefix)) return length;
        if (Rune.DecodeFromUtf8(text, out _, out length) != System.Buffers.OperationStatus.Done)
        {
            prefix = s_replacement;
            return 1;
        }

        prefix = text[..length];
        return length;
    }
}
