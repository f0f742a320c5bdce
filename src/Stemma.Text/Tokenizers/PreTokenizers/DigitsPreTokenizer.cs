using System.Globalization;
using System.Text;

namespace Stemma.Text.Tokenizers.PreTokenizers;

/// <summary>Divides numbers from the rest (<c>Digits</c>): characters of Unicode's category N.</summary>
/// <param name="individual">Whether every digit is a word of its own.</param>
public sealed class DigitsPreTokenizer(bool individual) : CharacterSplitPreTokenizer
{
    /// <summary>Whether every digit is a word of its own.</summary>
    public bool Individual { get; } = individual;

    private protected override SplitBehavior Split => Individual ? SplitBehavior.Isolated : SplitBehavior.Contiguous;

    private protected override bool IsDelimiter(Rune rune) => rune.IsAscii
        ? char.IsAsciiDigit((char)rune.Value)
        : CharUnicodeInfo.GetUnicodeCategory(rune.Value) is UnicodeCategory.DecimalDigitNumber or UnicodeCategory.LetterNumber or UnicodeCategory.OtherNumber;
}
