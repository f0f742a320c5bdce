using System.Text;

namespace Stemma.Text.Tokenizers.PreTokenizers;

/// <summary>Divides at one character, which goes (<c>CharDelimiterSplit</c>).</summary>
/// <param name="delimiter">The character.</param>
public sealed class DelimiterPreTokenizer(Rune delimiter) : CharacterSplitPreTokenizer
{
    /// <summary>The character.</summary>
    public Rune Delimiter { get; } = delimiter;

    private protected override SplitBehavior Split => SplitBehavior.Removed;

    private protected override bool IsDelimiter(Rune rune) => rune == Delimiter;
}
