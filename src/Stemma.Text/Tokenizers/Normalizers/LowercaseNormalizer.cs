using System.Text;
using Stemma.Text.Unicode;

namespace Stemma.Text.Tokenizers.Normalizers;

/// <summary>Lower case, character by character, whatever the language (<c>Lowercase</c>).</summary>
/// <remarks>As in Rust's <c>char::to_lowercase</c>: İ becomes i and a dot above, and a final sigma is like any other.</remarks>
public sealed class LowercaseNormalizer : Normalizer
{
    internal override void Apply(NormalizedText text)
    {
        var chars = text.Chars;
        if (!HasUpper(chars)) return;
        Span<char> utf16 = stackalloc char[2];
        for (var at = 0; at < chars.Length;)
        {
            Rune.DecodeFromUtf16(chars[at..], out var rune, out var length);
            if (rune.Value == 'İ') text.Emit("i\u0307", at, at + 1);
            else text.Emit(utf16[..new Rune(UnicodeLookup.ToLower(rune.Value)).EncodeToUtf16(utf16)], at, at + length);
            at += length;
        }

        text.Commit();
    }

    private static bool HasUpper(ReadOnlySpan<char> chars)
    {
        foreach (var character in chars)
            if (character >= 0x80 || character is >= 'A' and <= 'Z') return true;
        return false;
    }
}
