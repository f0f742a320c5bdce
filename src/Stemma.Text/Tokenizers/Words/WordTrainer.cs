namespace Stemma.Text.Tokenizers.Words;

/// <summary>Makes a <see cref="WordTokenizer"/> of all words of a text, in the order of their first appearance.</summary>
public sealed class WordTrainer
{
    private readonly WordTable words = WordTokenizer.NewTable();

    /// <summary>Appends the tokens of a text, learning words that are new: encoding and training in one.</summary>
    public void Encode(ReadOnlySpan<char> text, List<int> destination)
    {
        ArgumentNullException.ThrowIfNull(destination);
        var splitter = new WordSplitter(text);
        while (splitter.Next(out var word))
            destination.Add(word.IsEmpty ? WordTokenizer.EndId : words.FindOrAdd(word) is var id && id is WordTokenizer.BeginId or WordTokenizer.EndId ? WordTokenizer.UnknownId : id);
    }

    /// <summary>Learns the words of the texts.</summary>
    public WordTokenizer Train(IEnumerable<string> texts)
    {
        ArgumentNullException.ThrowIfNull(texts);
        var ids = new List<int>();
        foreach (var text in texts)
        {
            ids.Clear();
            Encode(text, ids);
        }
        return Build();
    }

    /// <summary>The tokenizer of the words so far; it must not be trained on.</summary>
    public WordTokenizer Build() => new(words);
}
