using System.Text;
using Stemma.Text.Tokenizers.Training;

namespace Stemma.Text.Tokenizers.Bpe;

/// <summary>
/// Learns merges over counted words. Pair counts are kept up to date by the words a merge touches; a heap ordered by (highest
/// count, lowest pair) holds every pair with a count at least as high as the true one, and a stale entry goes back corrected.
/// </summary>
internal sealed class MergeLearner
{
    private readonly long[] wordCounts;
    private readonly int[] symbols;
    private readonly int[] starts;
    private readonly int[] lengths;
    private readonly PairTable pairs = new();
    private readonly PriorityQueue<int, (long Count, ulong Key)> queue = new(HighestCountThenLowestPair.Instance);
    private readonly List<string> tokens;
    private readonly Func<string, string, string?> join;
    private readonly Dictionary<string, int> ids = new(StringComparer.Ordinal);
    private readonly List<BpeMerge> merges = [];
    private readonly HashSet<int> grown = [];

    /// <param name="words">Words and their counts.</param>
    /// <param name="alphabet">The tokens to begin with, in the order of their ids.</param>
    /// <param name="divide">A word in those tokens.</param>
    /// <param name="join">The token of two, or null where they do not merge.</param>
    public MergeLearner(WordCounts words, IEnumerable<string> alphabet, Func<string, IEnumerable<string>> divide, Func<string, string, string?> join)
    {
        this.join = join;
        tokens = [.. alphabet];
        for (var id = 0; id < tokens.Count; id++) ids.Add(tokens[id], id);
        wordCounts = words.Counts;
        (starts, lengths) = (new int[words.Words.Length], new int[words.Words.Length]);
        List<int> all = new(words.Words.Length * 8);
        for (var word = 0; word < words.Words.Length; word++)
        {
            starts[word] = all.Count;
            foreach (var symbol in divide(words.Words[word])) all.Add(ids[symbol]);
            lengths[word] = all.Count - starts[word];
            for (var i = starts[word]; i < all.Count - 1; i++) Grow(all[i], all[i + 1], word);
        }

        symbols = [.. all];
        Enqueue();
    }

    /// <summary>Over bytes, in GPT-2's spelling.</summary>
    public static MergeLearner OfBytes(WordCounts words) => new(
        words, ByteAlphabet.InOrder.Select(value => ByteAlphabet.Spell([value])),
        word => ByteAlphabet.Spell(Encoding.UTF8.GetBytes(word)).Select(letter => letter.ToString()), string.Concat);

    public IReadOnlyList<BpeMerge> Merges => merges;

    public int TokenCount => tokens.Count;

    /// <summary>The alphabet, then what was merged.</summary>
    public IReadOnlyList<string> Tokens => tokens;

    /// <summary>Learns the next merge; false when no pair is as frequent as <paramref name="minFrequency"/>.</summary>
    public bool TryMerge(long minFrequency)
    {
        while (queue.TryDequeue(out var slot, out var priority))
        {
            var count = pairs.Occurrences(slot);
            if (count != priority.Count)
            {
                if (count > 0) queue.Enqueue(slot, (count, priority.Key));
                continue;
            }

            if (count < minFrequency) return false;
            if (TryMerge(slot)) return true;
        }

        return false;
    }

    private bool TryMerge(int slot)
    {
        var (left, right) = ((int)(pairs.Key(slot) >> 32), (int)(uint)pairs.Key(slot));
        if (join(tokens[left], tokens[right]) is not { } joined) return false;
        var result = IdOf(joined);
        merges.Add(new BpeMerge(left, right, result));
        for (var entry = pairs.TakeList(slot); entry >= 0;)
        {
            entry = pairs.Next(entry, out var word);
            Rewrite(word, left, right, result);
        }

        pairs.Occurrences(slot) = 0;
        Enqueue();
        return true;
    }

    private int IdOf(string piece)
    {
        if (ids.TryGetValue(piece, out var id)) return id;
        ids.Add(piece, tokens.Count);
        tokens.Add(piece);
        return tokens.Count - 1;
    }

    private void Rewrite(int word, int left, int right, int result)
    {
        var text = symbols.AsSpan(starts[word], lengths[word]);
        var written = 0;
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] != left || i + 1 == text.Length || text[i + 1] != right)
            {
                text[written++] = text[i];
                continue;
            }

            if (written > 0)
            {
                pairs.Occurrences(pairs.Slot(text[written - 1], left)) -= wordCounts[word];
                Grow(text[written - 1], result, word);
            }

            if (i + 2 < text.Length)
            {
                pairs.Occurrences(pairs.Slot(right, text[i + 2])) -= wordCounts[word];
                Grow(result, text[i + 2], word);
            }

            text[written++] = result;
            i++;
        }

        lengths[word] = written;
    }

    private void Grow(int left, int right, int word)
    {
        var slot = pairs.Slot(left, right);
        pairs.Occurrences(slot) += wordCounts[word];
        pairs.List(slot, word);
        grown.Add(slot);
    }

    private void Enqueue()
    {
        foreach (var slot in grown)
            if (pairs.Occurrences(slot) > 0) queue.Enqueue(slot, (pairs.Occurrences(slot), pairs.Key(slot)));
        grown.Clear();
    }

    private sealed class HighestCountThenLowestPair : IComparer<(long Count, ulong Key)>
    {
        public static HighestCountThenLowestPair Instance { get; } = new();

        public int Compare((long Count, ulong Key) x, (long Count, ulong Key) y) =>
            x.Count != y.Count ? y.Count.CompareTo(x.Count) : x.Key.CompareTo(y.Key);
    }
}
