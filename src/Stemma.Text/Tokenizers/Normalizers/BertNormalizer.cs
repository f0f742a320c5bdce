using System.Globalization;
using System.Text;
using Stemma.Text.Tokenizers.PreTokenizers;
using Stemma.Text.Unicode;

namespace Stemma.Text.Tokenizers.Normalizers;

/// <summary>BERT's cleaning of text (Devlin et al. 2019, arXiv:1810.04805, <c>BasicTokenizer</c>).</summary>
/// <param name="cleanText">Whether control characters go and white space becomes a space.</param>
/// <param name="handleChineseCharacters">Whether an ideograph gets spaces around it.</param>
/// <param name="stripAccents">Whether accents go; null: when lower case is wanted.</param>
/// <param name="lowercase">Whether letters become lower case.</param>
public sealed class BertNormalizer(bool cleanText = true, bool handleChineseCharacters = true, bool? stripAccents = null, bool lowercase = true) : Normalizer
{
    private static readonly LowercaseNormalizer Lower = new();

    /// <summary>Whether control characters go and white space becomes a space.</summary>
    public bool CleanText { get; } = cleanText;

    /// <summary>Whether an ideograph gets spaces around it.</summary>
    public bool HandleChineseCharacters { get; } = handleChineseCharacters;

    /// <summary>Whether accents go; null: when lower case is wanted.</summary>
    public bool? StripAccents { get; } = stripAccents;

    /// <summary>Whether letters become lower case.</summary>
    public bool Lowercase { get; } = lowercase;

    internal override void Apply(NormalizedText text)
    {
        if (CleanText) Clean(text);
        if (HandleChineseCharacters) Separate(text);
        if (StripAccents ?? Lowercase)
        {
            UnicodeNormalization.Apply(text, NormalizationForm.FormD);
            StripAccentsNormalizer.Drop(text, static code => CharUnicodeInfo.GetUnicodeCategory(code) == UnicodeCategory.NonSpacingMark);
        }

        if (Lowercase) Lower.Apply(text);
    }

    private static void Clean(NormalizedText text)
    {
        var chars = text.Chars;
        if (!chars.ContainsAnyExceptInRange(' ', '~')) return;
        for (var at = 0; at < chars.Length;)
        {
            Rune.DecodeFromUtf16(chars[at..], out var rune, out var length);
            var isDropped = rune.Value is 0 or 0xFFFD || (rune.Value is not ('\t' or '\n' or '\r') && IsControl(rune.Value));
            if (!isDropped && CharacterClasses.IsSpace(chars[at])) text.Emit(" ", at, at + 1);
            else if (!isDropped) text.Copy(at, at + length);
            at += length;
        }

        text.Commit();
    }

    private static bool IsControl(int code) => CharUnicodeInfo.GetUnicodeCategory(code) is UnicodeCategory.Control or UnicodeCategory.Format
        or UnicodeCategory.Surrogate or UnicodeCategory.PrivateUse;

    private static void Separate(NormalizedText text)
    {
        var chars = text.Chars;
        if (!chars.ContainsAnyInRange('\u3400', '\uFAFF')) return;
        for (var at = 0; at < chars.Length;)
        {
            Rune.DecodeFromUtf16(chars[at..], out var rune, out var length);
            var isIdeograph = IsIdeograph(rune.Value);
            if (isIdeograph) text.Emit(" ", at, at);
            text.Copy(at, at + length);
            if (isIdeograph) text.Emit(" ", at + length, at + length);
            at += length;
        }

        text.Commit();
    }

    private static bool IsIdeograph(int code) => code is (>= 0x4E00 and <= 0x9FFF) or (>= 0x3400 and <= 0x4DBF) or (>= 0x20000 and <= 0x2A6DF) or (>= 0x2A700 and <= 0x2B73F)
        or (>= 0x2B740 and <= 0x2B81F) or (>= 0x2B920 and <= 0x2CEAF) or (>= 0xF900 and <= 0xFAFF) or (>= 0x2F800 and <= 0x2FA1F);
}
