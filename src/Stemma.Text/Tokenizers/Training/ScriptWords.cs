using System.Globalization;
using System.Text;

namespace Stemma.Text.Tokenizers.Training;

/// <summary>
/// SentencePiece's words: a space and what follows it up to the next space, cut where the script changes (letters of one script, or digits and
/// punctuation), where a line ends, and after 32 characters. A text begins as if after a space.
/// </summary>
/// <remarks>Scripts are told apart by blocks of Unicode: Latin, Greek, Cyrillic, Han with both kana, Hangul and so on. Marks belong to what they stand on.</remarks>
internal readonly struct ScriptWords : IWordDivision
{
    private const int MaxLength = 32;

    public static string Prefix => " ";

    public static int WordEnd(ReadOnlySpan<char> text, int start)
    {
        var at = start;
        if (text[at] == ' ') at++;
        var script = -1;
        while (at < text.Length && at - start < MaxLength)
        {
            var c = text[at];
            if (c == ' ') break;
            if (c is '\n' or '\r') return at == start ? at + 1 : at;
            Rune.DecodeFromUtf16(text[at..], out var rune, out var length);
            var own = Script(rune);
            if (own >= 0 && script >= 0 && own != script) break;
            if (own >= 0) script = own;
            at += length;
        }

        return at;
    }

    public static int CutPoint(ReadOnlySpan<char> text, int limit)
    {
        for (var at = Math.Min(limit, text.Length - 1); at > 0; at--)
            if (text[at] == ' ' || text[at] == '\n') return at;
        return 0;
    }

    // 0: common (digits, punctuation, symbols); −1: inherited; others: a number for a script.
    private static int Script(Rune rune)
    {
        var code = rune.Value;
        if (code < 0x80) return rune.IsAscii && char.IsAsciiLetter((char)code) ? 1 : 0;
        var category = Rune.GetUnicodeCategory(rune);
        if (category is UnicodeCategory.NonSpacingMark or UnicodeCategory.EnclosingMark) return -1;
        if (category is not (<= UnicodeCategory.OtherLetter or UnicodeCategory.SpacingCombiningMark or UnicodeCategory.LetterNumber)) return 0;
        return code switch
        {
            < 0x0370 or >= 0x1E00 and < 0x1F00 or >= 0x2C60 and < 0x2C80 or >= 0xA720 and < 0xA800 or >= 0xFF21 and <= 0xFF5A => 1,
            < 0x0400 or >= 0x1F00 and < 0x2000 => 2,
            < 0x0530 => 3,
            < 0x0590 => 4,
            < 0x0600 => 5,
            < 0x0780 or >= 0xFB50 and < 0xFE00 or >= 0xFE70 and < 0xFF00 => 6,
            >= 0x1100 and < 0x1200 or >= 0x3130 and < 0x3190 or >= 0xAC00 and < 0xD7FC => 7,
            >= 0x3005 and < 0x3130 or >= 0x31F0 and < 0x3200 or >= 0x3400 and < 0xA000 or >= 0xF900 and < 0xFB00 or >= 0xFF66 and < 0xFFA0 or >= 0x20000 and < 0x40000 => 8,
            // The alphabets of South Asia and others lie in blocks of 128.
            _ => 16 + code / 128,
        };
    }
}
