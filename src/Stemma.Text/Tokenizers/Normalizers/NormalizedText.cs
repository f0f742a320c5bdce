using System.Text;

namespace Stemma.Text.Tokenizers.Normalizers;

/// <summary>
/// A text on its way through normalizers and pre-tokenizers and, when asked for, where each of its UTF-16 code units comes from: the bytes
/// [start, end) of the original's UTF-8 form. A part rewrites it by emitting the new text from left to right and committing it.
/// Holds its memory for the next text; serves one thread at a time. It never holds a lone surrogate.
/// </summary>
internal sealed class NormalizedText
{
    private Buffer current = new();
    private Buffer next = new();
    private int byteLength;

    /// <summary>The text as it stands.</summary>
    public ReadOnlySpan<char> Chars => current.Chars.AsSpan(0, current.Length);

    /// <summary>How long the text is that has been emitted and not yet committed.</summary>
    public int NextLength => next.Length;

    /// <summary>Whether it knows where its code units come from.</summary>
    public bool IsAligned { get; private set; }

    /// <summary>Begins with a new text.</summary>
    /// <param name="text">The text; lone surrogates become U+FFFD.</param>
    /// <param name="aligned">Whether to keep the alignment.</param>
    /// <param name="byteStart">Where the text starts in the original, in bytes.</param>
    public void Reset(ReadOnlySpan<char> text, bool aligned, int byteStart = 0)
    {
        IsAligned = aligned;
        (current.Length, next.Length) = (0, 0);
        current.Reserve(text.Length, aligned);
        text.CopyTo(current.Chars);
        current.Length = text.Length;
        var surrogates = text.ContainsAnyInRange('\uD800', '\uDFFF');
        if (!aligned && !surrogates) return;
        byteLength = byteStart;
        for (var at = 0; at < text.Length;)
        {
            Rune.DecodeFromUtf16(text[at..], out var rune, out var length);
            if (length == 1 && rune.Value == Rune.ReplacementChar.Value) current.Chars[at] = (char)rune.Value;
            if (aligned)
            {
                current.Starts.AsSpan(at, length).Fill(byteLength);
                current.Ends.AsSpan(at, length).Fill(byteLength + rune.Utf8SequenceLength);
            }

            byteLength += rune.Utf8SequenceLength;
            at += length;
        }
    }

    /// <summary>Begins with a stretch of another text, alignment included.</summary>
    public void Take(NormalizedText other, int from, int to)
    {
        (IsAligned, byteLength) = (other.IsAligned, other.IsAligned ? other.Origin(to, to).Start : 0);
        (current.Length, next.Length) = (0, 0);
        current.Reserve(to - from, IsAligned);
        other.current.Chars.AsSpan(from, to - from).CopyTo(current.Chars);
        if (IsAligned)
        {
            other.current.Starts.AsSpan(from, to - from).CopyTo(current.Starts);
            other.current.Ends.AsSpan(from, to - from).CopyTo(current.Ends);
        }

        current.Length = to - from;
    }

    /// <summary>The bytes of the original that the code units [from, to) come from; an empty stretch is where it would stand.</summary>
    public (int Start, int End) Origin(int from, int to)
    {
        if (from < to) return (current.Starts[from], current.Ends[to - 1]);
        var place = from < current.Length ? current.Starts[from] : byteLength;
        return (place, place);
    }

    /// <summary>Replaces a code unit by another wherever it stands.</summary>
    public void Replace(char old, char by) => current.Chars.AsSpan(0, current.Length).Replace(old, by);

    /// <summary>Emits a stretch as it is.</summary>
    public void Copy(int from, int to)
    {
        next.Reserve(next.Length + to - from, IsAligned);
        current.Chars.AsSpan(from, to - from).CopyTo(next.Chars.AsSpan(next.Length));
        if (IsAligned)
        {
            current.Starts.AsSpan(from, to - from).CopyTo(next.Starts.AsSpan(next.Length));
            current.Ends.AsSpan(from, to - from).CopyTo(next.Ends.AsSpan(next.Length));
        }

        next.Length += to - from;
    }

    /// <summary>Emits characters that stand for the code units [from, to); for an insertion before <paramref name="from"/> when they are none.</summary>
    public void Emit(ReadOnlySpan<char> characters, int from, int to)
    {
        next.Reserve(next.Length + characters.Length, IsAligned);
        characters.CopyTo(next.Chars.AsSpan(next.Length));
        if (IsAligned)
        {
            var (start, end) = Origin(from, to);
            next.Starts.AsSpan(next.Length, characters.Length).Fill(start);
            next.Ends.AsSpan(next.Length, characters.Length).Fill(end);
        }

        next.Length += characters.Length;
    }

    /// <summary>Emits a character that stands for bytes of its own choice; see <see cref="Origin"/>.</summary>
    public void EmitByte(char character, (int Start, int End) origin)
    {
        next.Reserve(next.Length + 1, IsAligned);
        next.Chars[next.Length] = character;
        if (IsAligned) (next.Starts[next.Length], next.Ends[next.Length]) = origin;
        next.Length++;
    }

    /// <summary>Makes what has been emitted the text.</summary>
    public void Commit()
    {
        (current, next) = (next, current);
        next.Length = 0;
    }

    private sealed class Buffer
    {
        public char[] Chars = [];
        public int[] Starts = [];
        public int[] Ends = [];
        public int Length;

        public void Reserve(int length, bool aligned)
        {
            if (Chars.Length < length) Array.Resize(ref Chars, Math.Max(length, Chars.Length * 2));
            if (!aligned || Starts.Length >= length) return;
            Array.Resize(ref Starts, Chars.Length);
            Array.Resize(ref Ends, Chars.Length);
        }
    }
}
