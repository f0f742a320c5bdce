using System.Text;

namespace Stemma.Text.Tokenizers;

/// <summary>Between positions in UTF-16 and in UTF-8 of one text: for each character its first code unit and its first byte.</summary>
internal sealed class OffsetMap
{
    private readonly List<int> chars = [];
    private readonly List<int> bytes = [];

    public OffsetMap(string text)
    {
        var (position, length) = (0, 0);
        while (position < text.Length)
        {
            chars.Add(position);
            bytes.Add(length);
            Rune.DecodeFromUtf16(text.AsSpan(position), out var rune, out var consumed);
            position += consumed;
            length += rune.Utf8SequenceLength;
        }

        chars.Add(position);
        bytes.Add(length);
    }

    /// <summary>The byte position of a character boundary.</summary>
    public int ByteOf(int charPosition) => bytes[chars.BinarySearch(charPosition)];

    /// <summary>The whole characters that the bytes [start, end) touch.</summary>
    public (int Start, int End) CharsOf(int start, int end)
    {
        var first = bytes.BinarySearch(start);
        if (first < 0) first = ~first - 1;
        var last = bytes.BinarySearch(end);
        if (last < 0) last = ~last;
        return (chars[first], chars[last]);
    }
}
