using System.Globalization;
using System.Text;

namespace Stemma.Text.Tokenizers.Normalizers;

/// <summary>Drops combining marks (<c>StripAccents</c>); accents inside letters stay unless the text was decomposed before.</summary>
public sealed class StripAccentsNormalizer : Normalizer
{
    internal override void Apply(NormalizedText text) => Drop(text, static code =>
        CharUnicodeInfo.GetUnicodeCategory(code) is UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark or UnicodeCategory.EnclosingMark);

    internal static void Drop(NormalizedText text, Func<int, bool> isDropped)
    {
        var chars = text.Chars;
        if (!chars.ContainsAnyExceptInRange('\0', '\u02FF')) return;
        for (var at = 0; at < chars.Length;)
        {
            Rune.DecodeFromUtf16(chars[at..], out var rune, out var length);
            if (rune.Value < 0x300 || !isDropped(rune.Value)) text.Copy(at, at + length);
            at += length;
        }

        text.Commit();
    }
}
