using Stemma.Text.Tokenizers.Bpe;

namespace Stemma.Tests.Text.Tokenizers.Bpe;

/// <summary>A tokenizer trained once on the fixture text, for tests that need any.</summary>
internal static class TrainedTokenizer
{
    /// <summary>The fixture text by lines with their ends, as Hugging Face's trainer reads files.</summary>
    public static IReadOnlyList<string> Lines { get; } = SplitLines(File.ReadAllText(TextData.Fixture("trainer-corpus.txt")));

    private static readonly Lazy<BpeTokenizer> Shared = new(() => new BpeTrainer { VocabSize = 700 }.Train(Lines));

    public static BpeTokenizer Instance => Shared.Value;

    private static List<string> SplitLines(string text)
    {
        List<string> lines = [];
        for (var start = 0; start < text.Length;)
        {
            var end = text.IndexOf('\n', start) is var found and >= 0 ? found + 1 : text.Length;
            lines.Add(text[start..end]);
            start = end;
        }

        return lines;
    }
}
