using Stemma.Text.Tokenizers.Words;

namespace Stemma.Text.Corpora.Words;

/// <summary>A text as sentences of word ids, in memory: four bytes a word. Rare words are left out, and their neighbours become neighbours.</summary>
public sealed class WordCorpus
{
    /// <summary>What stands in <see cref="Tokens"/> where a sentence ends.</summary>
    public const int SentenceEnd = -1;

    private readonly int[] tokens;

    private WordCorpus(WordVocabulary vocabulary, int[] tokens, long wordCount, long readCount, int sentenceCount)
    {
        this.tokens = tokens;
        (Vocabulary, WordCount, ReadCount, SentenceCount) = (vocabulary, wordCount, readCount, sentenceCount);
    }

    /// <summary>The words.</summary>
    public WordVocabulary Vocabulary { get; }

    /// <summary>The text: ids of words, and <see cref="SentenceEnd"/> after each sentence.</summary>
    public ReadOnlyMemory<int> Tokens => tokens;

    /// <summary>Words of the text that are in the vocabulary.</summary>
    public long WordCount { get; }

    /// <summary>Words of the text, rare ones included.</summary>
    public long ReadCount { get; }

    /// <summary>Sentences that hold a word of the vocabulary.</summary>
    public int SentenceCount { get; }

    /// <summary>Reads a text.</summary>
    /// <param name="documents">The text.</param>
    /// <param name="reading">What counts as a word.</param>
    /// <param name="minCount">Words that appear less often are left out.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <exception cref="TextFormatException">No two words appear often enough, or there are more words than one array holds.</exception>
    public static WordCorpus Read(IEnumerable<Document> documents, WordReading reading, int minCount = 1, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(documents);
        ArgumentNullException.ThrowIfNull(reading);
        var (table, counts) = (new WordTable(), new long[1024]);
        var (tokens, length, read) = (new int[1 << 16], 0, 0L);
        foreach (var document in documents)
        {
            cancellation.ThrowIfCancellationRequested();
            var text = reading.Prepare(document.Text);
            for (var position = 0; reading.Next(text, ref position, out var word);)
            {
                if (word.IsEmpty)
                {
                    EndSentence();
                    continue;
                }
                read++;
                var id = table.FindOrAdd(word);
                if (id >= counts.Length) Array.Resize(ref counts, counts.Length * 2);
                counts[id]++;
                Add(id);
            }
            EndSentence();
        }
        return Build(table, counts, tokens.AsSpan(0, length), read, minCount);

        void EndSentence()
        {
            if (length > 0 && tokens[length - 1] != SentenceEnd) Add(SentenceEnd);
        }

        void Add(int id)
        {
            if (length == tokens.Length)
            {
                if (length > Array.MaxLength / 2) throw new TextFormatException($"The text holds more than {length:N0} words; word vectors are learnt from as many at most. Give a part of it.");
                Array.Resize(ref tokens, length * 2);
            }
            tokens[length++] = id;
        }
    }

    /// <summary>Writes the text as words between spaces, a sentence a line: what word2vec and GloVe read.</summary>
    public void WriteText(TextWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        var isFirst = true;
        foreach (var token in tokens)
        {
            if (!isFirst) writer.Write(token == SentenceEnd ? '\n' : ' ');
            isFirst = token == SentenceEnd;
            if (token != SentenceEnd) writer.Write(Vocabulary.Words[token]);
        }
    }

    private static WordCorpus Build(WordTable table, long[] counts, ReadOnlySpan<int> tokens, long read, int minCount)
    {
        var kept = Enumerable.Range(0, table.Count).Where(id => counts[id] >= minCount).Select(id => (Id: id, Word: new string(table[id]))).ToArray();
        if (kept.Length < 2) throw new TextFormatException($"The text holds {read:N0} words, and {(kept.Length == 0 ? "none" : "one")} that appears {minCount} times; word vectors need at least two. Give more text, or a lower minimal count.");
        Array.Sort(kept, (a, b) => counts[a.Id] != counts[b.Id] ? counts[b.Id].CompareTo(counts[a.Id]) : string.CompareOrdinal(a.Word, b.Word));
        var ids = new int[table.Count];
        Array.Fill(ids, SentenceEnd - 1);
        for (var i = 0; i < kept.Length; i++) ids[kept[i].Id] = i;
        var (result, length, words, sentences) = (new int[tokens.Length], 0, 0L, 0);
        foreach (var token in tokens)
        {
            if (token == SentenceEnd)
            {
                if (length == 0 || result[length - 1] == SentenceEnd) continue;
                result[length++] = SentenceEnd;
                sentences++;
            }
            else if (ids[token] >= 0)
            {
                result[length++] = ids[token];
                words++;
            }
        }
        var vocabulary = new WordVocabulary([.. kept.Select(word => word.Word)], [.. kept.Select(word => counts[word.Id])]);
        return new(vocabulary, result[..length], words, read, sentences);
    }
}
