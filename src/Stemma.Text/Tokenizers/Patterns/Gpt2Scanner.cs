using Stemma.Text.Tokenizers.Engines;
using Stemma.Text.Tokenizers.PreTokenizers;

namespace Stemma.Text.Tokenizers.Patterns;

/// <summary>The words of GPT-2, r50k and p50k; see <see cref="Gpt2PreTokenizer"/>.</summary>
internal sealed class Gpt2Scanner : WordScanner
{
    public static readonly Gpt2Scanner Instance = new();

    private Gpt2Scanner()
    {
    }

    public override AsciiWords Ascii => AsciiWords.Gpt2;

    public override int WordEnd(ReadOnlySpan<char> text, int start) => Gpt2PreTokenizer.WordEnd(text, start);

    public override int CutPoint(ReadOnlySpan<char> text, int limit) => Gpt2PreTokenizer.CutPoint(text, limit);
}
