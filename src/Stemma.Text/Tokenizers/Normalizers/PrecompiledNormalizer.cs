using System.Globalization;
using System.Text;

namespace Stemma.Text.Tokenizers.Normalizers;

/// <summary>A map of character sequences compiled by SentencePiece (Kudo &amp; Richardson 2018, arXiv:1808.06226), mostly NFKC and more (<c>Precompiled</c>).</summary>
/// <remarks>
/// As Hugging Face's library applies it: to grapheme clusters of fewer than six bytes as a whole, otherwise character by character, and by the
/// shortest entry. SentencePiece itself takes the longest entry at each place; the two differ where a replaced character begins a longer entry.
/// </remarks>
public sealed class PrecompiledNormalizer : Normalizer
{
    private readonly CharsMap map;

    /// <summary>A normalizer for a compiled map.</summary>
    /// <param name="data">The map, as it stands in a SentencePiece model.</param>
    /// <exception cref="TextFormatException">The map is damaged.</exception>
    public PrecompiledNormalizer(byte[] data)
    {
        ArgumentNullException.ThrowIfNull(data);
        map = new CharsMap(data);
    }

    /// <summary>The map, as it stands in a SentencePiece model.</summary>
    public ReadOnlySpan<byte> Data => map.Data;

    internal override void Apply(NormalizedText text)
    {
        var chars = text.Chars;
        for (var at = 0; at < chars.Length;)
        {
            var end = at + StringInfo.GetNextTextElementLength(chars[at..]);
            if (Encoding.UTF8.GetByteCount(chars[at..end]) >= 6 || !TryReplace(text, at, end))
            {
                for (var inner = at; inner < end;)
                {
                    var length = char.IsHighSurrogate(chars[inner]) && inner + 1 < end ? 2 : 1;
                    if (!TryReplace(text, inner, inner + length)) text.Copy(inner, inner + length);
                    inner += length;
                }
            }

            at = end;
        }

        text.Commit();
    }

    private bool TryReplace(NormalizedText text, int from, int to)
    {
        Span<byte> utf8 = stackalloc byte[8];
        var length = Encoding.UTF8.GetBytes(text.Chars[from..to], utf8);
        if (!map.TryMatch(utf8[..length], longest: false, out _, out var replacement)) return false;
        if (replacement.IsEmpty) return true;
        text.Emit(Encoding.UTF8.GetString(replacement), from, to);
        return true;
    }
}
