using System.Runtime.CompilerServices;

namespace Stemma.Text.Tokenizers.Words;

/// <summary>Makes a <see cref="WordTokenizer"/> of the words of a text, in the order of their first appearance.</summary>
public sealed class WordTrainer
{
    private readonly WordTable words = WordTokenizer.NewTable();

    /// <summary>The most tokens that <see cref="Train"/> makes, special ones included: the most frequent words, of equals the first; 0 for all.</summary>
    public int VocabSize { get; init; }

    /// <summary>Appends the tokens of a text, learning words that are new: encoding and training in one.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
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
        var (ids, counts) = (new List<int>(), new List<long>());
        foreach (var text in texts)
        {
            ids.Clear();
            Encode(text, ids);
            while (counts.Count < words.Count) counts.Add(0);
            foreach (var id in ids) counts[id]++;
        }
        if (VocabSize == 0 || words.Count <= VocabSize) return Build();
        var special = WordTokenizer.SpecialSpellings.Length;
        var frequent = Enumerable.Range(special, words.Count - special).OrderByDescending(id => counts[id]).ThenBy(id => id).Take(Math.Max(0, VocabSize - special));
        return WordTokenizer.Create(frequent.Order().Select(id => new string(words[id])));
    }

    /// <summary>The tokenizer of the words so far; it must not be trained on.</summary>
    public WordTokenizer Build() => new(words);
}
