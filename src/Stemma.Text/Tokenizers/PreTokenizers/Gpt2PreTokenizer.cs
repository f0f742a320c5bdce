namespace Stemma.Text.Tokenizers.PreTokenizers;

/// <summary>
/// GPT-2's division of text into words (Radford et al. 2019, <c>encoder.py</c>): a scanner equal to
/// <c>'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+</c>. Words join to the text; none is empty.
/// </summary>
/// <remarks>Classes go by code point, as in the original: a letter outside the basic plane is a letter.</remarks>
internal static class Gpt2PreTokenizer
{
    /// <summary>Where the word that starts at <paramref name="start"/> ends. Needs start &lt; text.Length.</summary>
    public static int WordEnd(ReadOnlySpan<char> text, int start)
    {
        var first = text[start];
        if (first == '\'' && Contraction(text, start) is var contraction and > 0) return start + contraction;
        var kind = CharacterClasses.At(text, start, out var length);
        if (kind != CharacterClass.Space) return RunEnd(text, start + length, kind);
        if (first == ' ' && start + 1 < text.Length)
        {
            kind = CharacterClasses.At(text, start + 1, out length);
            if (kind != CharacterClass.Space) return RunEnd(text, start + 1 + length, kind);
        }

        // \s+(?!\S) gives its last character back when something follows, unless that is all it has (then \s+ takes it).
        var end = start + 1;
        while (end < text.Length && CharacterClasses.IsSpace(text[end])) end++;
        return end == text.Length || end == start + 1 ? end : end - 1;
    }

    /// <summary>
    /// The last position p ≤ <paramref name="limit"/> where white space follows something else: no word holds such a place, and no
    /// match looks across it, so the text may be cut there. 0 when there is none.
    /// </summary>
    public static int CutPoint(ReadOnlySpan<char> text, int limit)
    {
        for (var position = Math.Min(limit, text.Length - 1); position > 0; position--)
            if (CharacterClasses.IsSpace(text[position]) && !CharacterClasses.IsSpace(text[position - 1])) return position;
        return 0;
    }

    private static int RunEnd(ReadOnlySpan<char> text, int position, CharacterClass kind)
    {
        while (position < text.Length && CharacterClasses.At(text, position, out var length) == kind) position += length;
        return position;
    }

    private static int Contraction(ReadOnlySpan<char> text, int start)
    {
        if (start + 1 >= text.Length) return 0;
        var next = text[start + 1];
        if (next is 's' or 't' or 'm' or 'd') return 2;
        if (start + 2 >= text.Length) return 0;
        return (next, text[start + 2]) is ('r', 'e') or ('v', 'e') or ('l', 'l') ? 3 : 0;
    }
}
