using System.Globalization;
using System.Text;

namespace Stemma.Text.Tokenizers.PreTokenizers;

/// <summary>Divides at punctuation: Unicode's and ASCII's (<c>Punctuation</c>).</summary>
/// <param name="behavior">What becomes of it.</param>
public sealed class PunctuationPreTokenizer(SplitBehavior behavior = SplitBehavior.Isolated) : CharacterSplitPreTokenizer
{
    /// <summary>What becomes of punctuation.</summary>
    public SplitBehavior Behavior { get; } = behavior;

    private protected override SplitBehavior Split => Behavior;

    internal static bool IsPunctuation(Rune rune) => rune.IsAscii
        ? rune.Value is (>= '!' and <= '/') or (>= ':' and <= '@') or (>= '[' and <= '`') or (>= '{' and <= '~')
        : CharUnicodeInfo.GetUnicodeCategory(rune.Value) is >= UnicodeCategory.ConnectorPunctuation and <= UnicodeCategory.OtherPunctuation;

    private protected override bool IsDelimiter(Rune rune) => IsPunctuation(rune);
}
