using Stemma.Text.Tokenizers.PreTokenizers;

namespace Stemma.Tests.Text.Tokenizers;

/// <summary>The words of a text by GPT-2's pattern.</summary>
internal static class Words
{
    public static IEnumerable<string> Of(string text)
    {
        for (var start = 0; start < text.Length;)
        {
            var end = Gpt2PreTokenizer.WordEnd(text, start);
            yield return text[start..end];
            start = end;
        }
    }
}
