using System.Runtime.CompilerServices;
using Stemma.Text.Tokenizers.Engines;

namespace Stemma.Text.Tokenizers.Patterns;

/// <summary>
/// The words of cl100k (GPT-4), of Llama 3 and, with other runs of digits, of Qwen 2: a scanner equal to
/// <c>(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+</c>.
/// </summary>
/// <param name="mostDigits">How many digits stay together, at least 1.</param>
/// <param name="wholeEnd">Whether white space at the end of a text stays together even where it holds line ends (<c>\s++$</c>, in later versions of tiktoken).</param>
internal sealed class Cl100kScanner(int mostDigits, bool wholeEnd) : WordScanner
{
    public override AsciiWords Ascii => AsciiWords.Cl100k;

    public override int WordEnd(ReadOnlySpan<char> text, int start)
    {
        var first = text[start];
        if (first == '\'' && Contraction(text, start) is var contraction and > 0) return start + contraction;
        var flags = CharacterFlags.At(text, start, out var length);
        var next = start + length;
        if ((flags & CharacterFlag.Letter) != 0) return LettersEnd(text, next);
        if ((flags & (CharacterFlag.Newline | CharacterFlag.Number)) == 0 && next < text.Length && (CharacterFlags.At(text, next, out length) & CharacterFlag.Letter) != 0)
            return LettersEnd(text, next + length);
        if ((flags & CharacterFlag.Number) != 0) return DigitsEnd(text, next, mostDigits);
        return OtherEnd(text, start, slash: false) is var other and > 0 ? other : SpaceEnd(text, start, wholeEnd);
    }

    /// <summary>The length of <c>(?i:'s|'t|'re|'ve|'m|'ll|'d)</c> at a place that holds an apostrophe; 0 when it is not there.</summary>
    internal static int Contraction(ReadOnlySpan<char> text, int start)
    {
        if (start + 1 >= text.Length) return 0;
        var next = (char)(text[start + 1] | 0x20);
        if (next is 's' or 't' or 'm' or 'd' || text[start + 1] == 'ſ') return 2;
        if (start + 2 >= text.Length) return 0;
        return (next, (char)(text[start + 2] | 0x20)) is ('r', 'e') or ('v', 'e') or ('l', 'l') ? 3 : 0;
    }

    /// <summary>The end of <c>\p{N}{1,n}</c>, the first of which ends at <paramref name="position"/>.</summary>
    internal static int DigitsEnd(ReadOnlySpan<char> text, int position, int most)
    {
        for (var count = 1; count < most && position < text.Length && (CharacterFlags.At(text, position, out var length) & CharacterFlag.Number) != 0; count++) position += length;
        return position;
    }

    /// <summary>The end of <c> ?[^\s\p{L}\p{N}]+[\r\n]*</c> (or <c>[\r\n/]*</c>); 0 when it is not there.</summary>
    internal static int OtherEnd(ReadOnlySpan<char> text, int start, bool slash)
    {
        const CharacterFlag Known = CharacterFlag.Space | CharacterFlag.Letter | CharacterFlag.Number;
        var position = text[start] == ' ' ? start + 1 : start;
        var from = position;
        while (position < text.Length && (CharacterFlags.At(text, position, out var length) & Known) == 0) position += length;
        if (position == from) return 0;
        while (position < text.Length && (text[position] is '\r' or '\n' || (slash && text[position] == '/'))) position++;
        return position;
    }

    /// <summary>The end of <c>\s*[\r\n]+|\s+(?!\S)|\s+</c> at a place that holds white space.</summary>
    internal static int SpaceEnd(ReadOnlySpan<char> text, int start, bool wholeEnd)
    {
        var (end, afterNewline) = (start, 0);
        for (; end < text.Length; end++)
        {
            var flags = CharacterFlags.OfUnit(text[end]);
            if ((flags & CharacterFlag.Space) == 0) break;
            if ((flags & CharacterFlag.Newline) != 0) afterNewline = end + 1;
        }

        if (end == text.Length && (wholeEnd || afterNewline == 0)) return end;
        if (afterNewline > 0) return afterNewline;
        return end > start + 1 ? end - 1 : end;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int LettersEnd(ReadOnlySpan<char> text, int position)
    {
        while (position < text.Length && (CharacterFlags.At(text, position, out var length) & CharacterFlag.Letter) != 0) position += length;
        return position;
    }
}
