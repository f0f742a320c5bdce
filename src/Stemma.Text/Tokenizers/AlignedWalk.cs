using System.Text;
using Stemma.Text.Tokenizers.Normalizers;

namespace Stemma.Text.Tokenizers;

/// <summary>Walks over a normalised text by UTF-8 bytes and tells which bytes of the original each step comes from.</summary>
/// <param name="text">The text, aligned.</param>
/// <param name="position">Where to begin, in UTF-16 code units.</param>
internal struct AlignedWalk(NormalizedText text, int position)
{
    private int inside;

    /// <summary>
    /// Goes on by so many bytes. Where the walk stands inside a character, that counts byte for byte when the character is as long in the original,
    /// otherwise as the whole character.
    /// </summary>
    public (int Start, int End) Take(int bytes)
    {
        if (bytes == 0 || position >= text.Chars.Length) return text.Origin(position, position);
        var (start, end) = (-1, -1);
        while (bytes > 0 && position < text.Chars.Length)
        {
            Rune.DecodeFromUtf16(text.Chars[position..], out var rune, out var length);
            var origin = text.Origin(position, position + length);
            var exact = origin.End - origin.Start == rune.Utf8SequenceLength;
            var taken = Math.Min(bytes, rune.Utf8SequenceLength - inside);
            var first = exact ? origin.Start + inside : origin.Start;
            if (start < 0 || first < start) start = first;
            end = Math.Max(end, exact ? origin.Start + inside + taken : origin.End);
            bytes -= taken;
            inside += taken;
            if (inside < rune.Utf8SequenceLength) break;
            (position, inside) = (position + length, 0);
        }

        return (start, end);
    }
}
