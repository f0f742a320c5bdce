namespace Stemma.Text.Tokenizers.Normalizers;

/// <summary>SentencePiece's cleaning for translation (<c>Nmt</c>): some controls go, separators and their like become a space.</summary>
public sealed class NmtNormalizer : Normalizer
{
    internal override void Apply(NormalizedText text)
    {
        var chars = text.Chars;
        for (var at = 0; at < chars.Length; at++)
        {
            if (IsDropped(chars[at])) continue;
            if (IsSpace(chars[at])) text.Emit(" ", at, at + 1);
            else text.Copy(at, at + 1);
        }

        text.Commit();
    }

    private static bool IsDropped(char character) => character is (>= '\u0001' and <= '\u0008') or '\u000B' or (>= '\u000E' and <= '\u001F') or '\u007F' or '\u008F' or '\u009F';

    private static bool IsSpace(char character) => character is '\u0009' or '\u000A' or '\u000C' or '\u000D' or '\u1680' or (>= '\u200B' and <= '\u200F')
        or '\u2028' or '\u2029' or '\u2581' or '\uFEFF' or '\uFFFD';
}
