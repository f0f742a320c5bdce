using System.Buffers.Text;
using System.Text;
using Stemma.Text.Tokenizers.Words;

namespace Stemma.Models.NGram;

/// <summary>Reads the ARPA format, from whatever toolkit. Nothing in it is believed: counts, words, numbers and what n-grams end with are checked.</summary>
internal static class ArpaReader
{
    private const int MostOrders = NGramKey.Bits;

    public static NGramTable Read(string path, Workspace workspace, IProgress<NGramProgress>? progress, CancellationToken cancellation)
    {
        using var lines = new ArpaLines(path);
        var counts = ReadCounts(lines);
        var (words, unigrams) = ReadUnigrams(lines, counts[0]);
        var vocabulary = NGramTokens.Of(words);
        NGramLayout layout;
        try
        {
            layout = new NGramLayout(vocabulary.Count, counts.Count);
        }
        catch (ConfigurationException error)
        {
            throw new CheckpointException($"{path}: {error.Message}", error);
        }
        var orders = new RecordStore<WeightedNGram>[counts.Count];
        orders[0] = new(workspace);
        for (var id = 0; id < unigrams.Length; id++) orders[0].Add(new(new(0, (uint)id), unigrams[id].Probability, unigrams[id].Backoff));
        orders[0].Seal();
        for (var order = 2; order <= counts.Count; order++)
        {
            orders[order - 1] = ReadOrder(lines, order, counts[order - 1], layout, words, workspace, progress, cancellation);
            CheckEndings(path, orders[order - 1], orders[order - 2], order, layout, vocabulary);
        }
        if (!lines.NextFilled().SequenceEqual("\\end\\"u8)) throw lines.Error("expected \\end\\ after the last section");
        return new(workspace, vocabulary, layout, orders, isNormalized: true);
    }

    private static List<long> ReadCounts(ArpaLines lines)
    {
        // Anything may stand before the data, as the format's inventors have it.
        while (!lines.Next().Trim(" \t"u8).SequenceEqual("\\data\\"u8))
            if (lines.Number == 1000) throw lines.Error("there is no \\data\\ among the first lines; this is not an ARPA file");
        var counts = new List<long>();
        var line = lines.NextFilled();
        for (; line.StartsWith("ngram "u8); line = lines.NextFilled())
        {
            var rest = line[6..].Trim(" \t"u8);
            if (!Utf8Parser.TryParse(rest, out int order, out var used) || order != counts.Count + 1 || used >= rest.Length || rest[used] != '='
                || !Utf8Parser.TryParse(rest[(used + 1)..].Trim(" \t"u8), out long count, out var digits) || digits != rest[(used + 1)..].Trim(" \t"u8).Length || count < 0)
                throw lines.Error($"expected \"ngram {counts.Count + 1}=\" and a count, not {ArpaLines.Show(line)}");
            if (counts.Count == MostOrders) throw lines.Error($"there are more than {MostOrders} orders");
            counts.Add(count);
        }
        if (counts.Count == 0) throw lines.Error($"expected \"ngram 1=\" and a count, not {ArpaLines.Show(line)}");
        if (counts[0] is 0 or > int.MaxValue - 8) throw lines.Error($"{counts[0]} unigrams cannot be a vocabulary");
        if (!line.SequenceEqual("\\1-grams:"u8)) throw lines.Error($"expected \\1-grams:, not {ArpaLines.Show(line)}");
        return counts;
    }

    private static (WordTokenizer Words, (float Probability, float Backoff)[] Unigrams) ReadUnigrams(ArpaLines lines, long count)
    {
        // What the file lacks of these is impossible.
        var specials = new (float Probability, float Backoff)[] { (float.NegativeInfinity, 0), (float.NegativeInfinity, 0), (float.NegativeInfinity, 0) };
        var seen = new bool[specials.Length];
        var spellings = new List<string>();
        var known = new HashSet<string>(StringComparer.Ordinal);
        var weights = new List<(float, float)>();
        for (var i = 0L; i < count; i++)
        {
            var line = lines.Next();
            var entry = Parse(lines, line, 1, out var word, out _);
            var spelling = Spelling(lines, word);
            var special = Special(spelling);
            if (special >= 0 ? seen[special] : !known.Add(spelling)) throw lines.Error($"the word {ArpaLines.Show(word)} is there twice");
            if (special >= 0)
            {
                seen[special] = true;
                specials[special] = entry;
                continue;
            }
            spellings.Add(spelling);
            weights.Add(entry);
        }
        return (WordTokenizer.Create(spellings), [.. specials, .. weights]);
    }

    private static RecordStore<WeightedNGram> ReadOrder(
        ArpaLines lines, int order, long count, NGramLayout layout, WordTokenizer words, Workspace workspace, IProgress<NGramProgress>? progress, CancellationToken cancellation)
    {
        var heading = lines.NextFilled();
        if (!heading.SequenceEqual(Encoding.ASCII.GetBytes($"\\{order}-grams:"))) throw lines.Error($"expected \\{order}-grams:, not {ArpaLines.Show(heading)}; the counts at the top say what each section holds");
        using var sorter = new RecordSorter<WeightedNGram>(workspace, 0, layout.WordBits * order);
        Span<int> ids = stackalloc int[order];
        for (var i = 0L; i < count; i++)
        {
            if ((i & 0xFFFF) == 0)
            {
                cancellation.ThrowIfCancellationRequested();
                progress?.Report(new("Reading", lines.Fraction));
            }
            var (probability, backoff) = Parse(lines, lines.Next(), order, out var rest, out _);
            for (var position = 0; position < order; position++)
            {
                var length = rest.IndexOfAny((byte)' ', (byte)'\t');
                var word = length < 0 ? rest : rest[..length];
                rest = length < 0 ? [] : rest[(length + 1)..].TrimStart(" \t"u8);
                ids[position] = IdOf(lines, words, word);
            }
            sorter.Add(new(layout.Key(ids), probability, backoff));
        }
        var store = new RecordStore<WeightedNGram>(workspace);
        using var sorted = new RunMerger<WeightedNGram>(workspace, sorter.Finish());
        while (sorted.MoveNext()) store.Add(sorted.Current);
        return store.Seal();
    }

    // A line is a number, the words, and perhaps another number, separated by white space.
    private static (float Probability, float Backoff) Parse(ArpaLines lines, ReadOnlySpan<byte> line, int order, out ReadOnlySpan<byte> words, out int wordCount)
    {
        line = line.Trim(" \t"u8);
        if (line.IsEmpty || line[0] == '\\') throw lines.Error($"expected a {order}-gram, not {ArpaLines.Show(line)}; the section holds fewer than the count at the top says");
        var length = line.IndexOfAny((byte)' ', (byte)'\t');
        if (length < 0 || !LogNumber.TryParse(line[..length], out var probability)) throw lines.Error($"expected a number and {order} words, not {ArpaLines.Show(line)}");
        if (probability > 0) throw lines.Error($"the logarithm of a probability is {ArpaLines.Show(line[..length])}, above 0");
        words = line[length..].TrimStart(" \t"u8);
        wordCount = 0;
        var rest = words;
        while (!rest.IsEmpty && wordCount < order)
        {
            var end = rest.IndexOfAny((byte)' ', (byte)'\t');
            rest = end < 0 ? [] : rest[end..].TrimStart(" \t"u8);
            wordCount++;
        }
        if (wordCount < order) throw lines.Error($"expected {order} words, not {wordCount}");
        words = words[..^rest.Length].TrimEnd(" \t"u8);
        if (rest.IsEmpty) return (probability, 0);
        if (!LogNumber.TryParse(rest, out var backoff)) throw lines.Error($"expected a back-off weight after {order} words, not {ArpaLines.Show(rest)}");
        return (probability, backoff);
    }

    private static string Spelling(ArpaLines lines, ReadOnlySpan<byte> word) =>
        System.Text.Unicode.Utf8.IsValid(word) && word.IndexOfAny((byte)'\v', (byte)'\f', (byte)'\r') < 0
            ? Encoding.UTF8.GetString(word)
            : throw lines.Error($"the word {ArpaLines.Show(word)} is not UTF-8, or holds a control character");

    private static int IdOf(ArpaLines lines, WordTokenizer words, ReadOnlySpan<byte> word)
    {
        Span<char> buffer = word.Length <= 512 ? stackalloc char[512] : new char[word.Length];
        var length = Encoding.UTF8.GetChars(word, buffer);
        var id = words.IdOf(buffer[..length]);
        if (id < 0) id = Special(new string(buffer[..length]));
        return id >= 0 ? id : throw lines.Error($"the word {ArpaLines.Show(word)} is not among the unigrams");
    }

    private static int Special(string spelling) => spelling switch
    {
        NGramVocabulary.UnknownSpelling or "<UNK>" => WordTokenizer.UnknownId,
        NGramVocabulary.BeginSpelling => WordTokenizer.BeginId,
        NGramVocabulary.EndSpelling => WordTokenizer.EndId,
        _ => -1,
    };

    // Looking up goes from the last word backwards, so that what an n-gram ends with must be there; and nothing may be there twice.
    private static void CheckEndings(string path, RecordStore<WeightedNGram> grams, RecordStore<WeightedNGram> lower, int order, NGramLayout layout, NGramVocabulary vocabulary)
    {
        using var reader = grams.Read();
        using var endings = lower.Read();
        var more = endings.MoveNext();
        NGramKey? last = null;
        while (reader.MoveNext())
        {
            var key = reader.Current.Key;
            if (key == last) throw new CheckpointException($"{path}: the {order}-gram \"{Words(key, order)}\" is there twice.");
            last = key;
            var ending = layout.Suffix(key, order, order - 1);
            while (more && endings.Current.Key < ending) more = endings.MoveNext();
            if (!more || endings.Current.Key != ending)
                throw new CheckpointException($"{path}: there is the {order}-gram \"{Words(key, order)}\", but not the {order - 1}-gram \"{Words(ending, order - 1)}\" that it ends with. Write the model again without pruning, or prune it with a toolkit that keeps endings.");
        }

        string Words(NGramKey key, int length) => string.Join(' ', Enumerable.Range(0, length).Select(position => vocabulary[layout.Word(key, position)]));
    }
}
