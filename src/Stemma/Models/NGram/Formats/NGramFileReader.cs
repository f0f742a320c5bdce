
namespace Stemma.Models.NGram;

/// <summary>Takes a binary model apart into its n-grams: each names its first word and where the rest of it lies.</summary>
internal static unsafe class NGramFileReader
{
    public static NGramTable Read(string path, MappedFile file, NGramHeader header, Workspace workspace, CancellationToken cancellation)
    {
        var vocabulary = Vocabulary(path, file, header);
        NGramLayout layout;
        try
        {
            layout = new NGramLayout(vocabulary.Count, header.Order);
        }
        catch (ConfigurationException error)
        {
            throw new CheckpointException($"{path}: {error.Message}", error);
        }
        var orders = new RecordStore<WeightedNGram>[header.Order];
        orders[0] = new(workspace);
        var unigrams = (Unigram*)(file.Start + header.Unigrams);
        for (var id = 0; id < header.VocabSize; id++) orders[0].Add(new(new(0, (uint)id), unigrams[id].LogProbability, unigrams[id].LogBackoff));
        orders[0].Seal();
        for (var order = 2; order <= header.Order; order++)
        {
            cancellation.ThrowIfCancellationRequested();
            orders[order - 1] = Order(path, file, header, order, layout, workspace);
        }
        return new(workspace, vocabulary, layout, orders, header.IsNormalized);
    }

    public static NGramVocabulary Vocabulary(string path, MappedFile file, NGramHeader header)
    {
        var ends = new ReadOnlySpan<int>(file.Start + header.SpellingEnds, header.VocabSize).ToArray();
        for (var (id, start) = (0, 0); id < ends.Length; start = ends[id++])
            if (ends[id] < start || ends[id] > header.SpellingBytes) throw NGramHeader.Damaged(path, $"token {id} ends outside the spellings");
        return new(file.Span(header.Spellings, ends.Length == 0 ? 0 : ends[^1]).ToArray(), ends, Id(header.Begin), Id(header.End), Id(header.Unknown));

        static int? Id(int id) => id < 0 ? null : id;
    }

    private static RecordStore<WeightedNGram> Order(string path, MappedFile file, NGramHeader header, int order, NGramLayout layout, Workspace workspace)
    {
        using var sorter = new RecordSorter<WeightedNGram>(workspace, 0, layout.WordBits * order);
        Span<int> words = stackalloc int[order];
        for (long slot = 0; slot < header.Slots[order - 1]; slot++)
        {
            var entry = Entry(file, header, order, slot);
            if (entry->Word == uint.MaxValue) continue;
            var (probability, backoff) = (entry->LogProbability, order < header.Order ? entry->LogBackoff : 0);
            for (var position = 0; ; position++)
            {
                if (entry->Word >= header.VocabSize || entry->Rest >= header.Slots[order - position - 2]) throw NGramHeader.Damaged(path, $"place {slot} of the {order}-grams leads nowhere");
                words[position] = (int)entry->Word;
                if (position == order - 2)
                {
                    words[order - 1] = (int)entry->Rest;
                    break;
                }
                entry = Entry(file, header, order - position - 1, entry->Rest);
            }
            sorter.Add(new(layout.Key(words), probability, backoff));
        }
        var store = new RecordStore<WeightedNGram>(workspace);
        using var sorted = new RunMerger<WeightedNGram>(workspace, sorter.Finish());
        while (sorted.MoveNext()) store.Add(sorted.Current);
        store.Seal();
        if (store.Count != header.Counts[order - 1]) throw NGramHeader.Damaged(path, $"it has {store.Count} {order}-grams instead of {header.Counts[order - 1]}");
        return store;
    }

    private static MiddleEntry* Entry(MappedFile file, NGramHeader header, int order, long slot) =>
        (MiddleEntry*)(file.Start + header.Table(order) + (slot * (order < header.Order ? NGramHeader.MiddleBytes : NGramHeader.HighestBytes)));
}
