using System.Text;

namespace Stemma.Text.Tokenizers.PreTokenizers;

/// <summary>Divides at white space, which goes (<c>WhitespaceSplit</c>).</summary>
public sealed class WhitespaceSplitPreTokenizer : CharacterSplitPreTokenizer
{
    private protected override SplitBehavior Split => SplitBehavior.Removed;

    private protected override bool IsDelimiter(Rune rune) => rune.IsBmp && CharacterClasses.IsSpace((char)rune.Value);
}
