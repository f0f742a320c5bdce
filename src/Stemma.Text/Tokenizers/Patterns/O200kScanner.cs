using Stemma.Text.Tokenizers.Engines;

namespace Stemma.Text.Tokenizers.Patterns;

/// <summary>
/// The words of o200k (GPT-4o): a scanner equal to <see cref="PublishedExpressions.O200k"/>. A word changes from capitals to small letters at most
/// once; letters without case and marks count as both.
/// </summary>
internal sealed class O200kScanner : WordScanner
{
    public static readonly O200kScanner Instance = new();

    private O200kScanner()
    {
    }

    public override AsciiWords Ascii => AsciiWords.O200k;

    public override int WordEnd(ReadOnlySpan<char> text, int start)
    {
        var flags = CharacterFlags.At(text, start, out var length);
        var next = start + length;
        var mayPrefix = next < text.Length && (flags & (CharacterFlag.Newline | CharacterFlag.Letter | CharacterFlag.Number)) == 0;
        var end = mayPrefix ? SmallEnd(text, next) : 0;
        if (end == 0) end = SmallEnd(text, start);
        if (end == 0 && mayPrefix && RunEnd(text, next, CharacterFlag.UpperSet) is var capitals && capitals > next) end = capitals;
        if (end == 0) end = RunEnd(text, start, CharacterFlag.UpperSet);
        if (end > start) return end < text.Length && text[end] == '\'' ? end + Cl100kScanner.Contraction(text, end) : end;
        if ((flags & CharacterFlag.Number) != 0) return Cl100kScanner.DigitsEnd(text, next, 3);
        return Cl100kScanner.OtherEnd(text, start, slash: true) is var other and > 0 ? other : Cl100kScanner.SpaceEnd(text, start, wholeEnd: false);
    }

    /// <summary>
    /// The end of <c>[upper]*[lower]+</c> at <paramref name="from"/>; 0 when it is not there. Where no small letter follows the capitals, the match
    /// backs up to the last of them that counts as both.
    /// </summary>
    private static int SmallEnd(ReadOnlySpan<char> text, int from)
    {
        var (position, lastBoth) = (from, 0);
        while (position < text.Length)
        {
            var flags = CharacterFlags.At(text, position, out var length);
            if ((flags & CharacterFlag.UpperSet) == 0) break;
            position += length;
            if ((flags & CharacterFlag.LowerSet) != 0) lastBoth = position;
        }

        var end = RunEnd(text, position, CharacterFlag.LowerSet);
        return end > position ? end : lastBoth;
    }

    private static int RunEnd(ReadOnlySpan<char> text, int position, CharacterFlag set)
    {
        while (position < text.Length && (CharacterFlags.At(text, position, out var length) & set) != 0) position += length;
        return position;
    }
}
