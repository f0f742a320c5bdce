using Stemma.Text.Tokenizers.PreTokenizers;

namespace Stemma.Text.Tokenizers.Training;

/// <summary>The words of GPT-2's pattern.</summary>
internal readonly struct Gpt2Words : IWordDivision
{
    public static string Prefix => "";

    public static int WordEnd(ReadOnlySpan<char> text, int start) => Gpt2PreTokenizer.WordEnd(text, start);

    public static int CutPoint(ReadOnlySpan<char> text, int limit) => Gpt2PreTokenizer.CutPoint(text, limit);
}
