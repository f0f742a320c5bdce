using System.Text;

namespace Stemma.Text.Tokenizers.Unigram;

/// <summary>
/// Where the training of a Unigram model begins (Kudo 2018, §3.2): every character, and the substrings of words that are longest among those that
/// occur at the same places, those with the highest count × length first. Found by a suffix array with shared prefixes.
/// </summary>
internal static class SeedPieces
{
    public const int MaxLength = 16;

    /// <summary>Pieces and how often each occurs.</summary>
    /// <param name="words">Distinct words.</param>
    /// <param name="counts">How often each occurs.</param>
    /// <param name="characters">Characters that pieces may have, with their counts.</param>
    /// <param name="size">The number of pieces at most.</param>
    public static List<(string Piece, double Count)> Find(string[] words, long[] counts, Dictionary<Rune, long> characters, int size)
    {
        var symbols = characters.Keys.Order().Select((rune, i) => (rune, i)).ToDictionary(pair => pair.rune, pair => pair.i + 1);
        var length = words.Sum(word => (long)word.Length + 1);
        // Their UTF-8, too, has to fit in an array.
        if (length > Array.MaxLength / 4) throw new TextFormatException($"The distinct words of the text have {length:N0} characters, more than a suffix array is made of; give the training less memory, so that rare words are left out.");
        var (text, wordOf, count) = (new int[length], new int[length], 0);
        for (var word = 0; word < words.Length; word++)
        {
            // 0 stands between words, and for characters that no piece has.
            foreach (var rune in words[word].EnumerateRunes()) Add(symbols.GetValueOrDefault(rune), word);
            Add(0, word);
        }

        void Add(int symbol, int word) => (text[count], wordOf[count++]) = (symbol, word);

        List<(string Piece, double Count)> pieces = [.. characters.OrderByDescending(pair => pair.Value).ThenBy(pair => pair.Key).Select(pair => (pair.Key.ToString(), (double)pair.Value))];
        if (count == 0) return pieces;
        var runes = new Rune[symbols.Count + 1];
        foreach (var (rune, symbol) in symbols) runes[symbol] = rune;
        foreach (var (start, symbolCount, times) in Repeated(text.AsSpan(0, count), wordOf.AsSpan(0, count), counts, symbols.Count + 1, Math.Max(0, size - pieces.Count)))
            pieces.Add((string.Concat(text.AsSpan(start, symbolCount).ToArray().Select(symbol => runes[symbol].ToString())), times));
        return pieces;
    }

    // The intervals of the array whose suffixes share a prefix of two symbols or more; the best of them, best first.
    private static IEnumerable<(int Start, int Length, long Count)> Repeated(ReadOnlySpan<int> text, ReadOnlySpan<int> wordOf, long[] counts, int alphabetSize, int most)
    {
        var array = SuffixArray.Build(text, alphabetSize);
        var shared = SuffixArray.SharedPrefixes(text, array);
        var room = new int[text.Length];
        for (var i = text.Length - 1; i >= 0; i--) room[i] = text[i] == 0 ? 0 : i + 1 < text.Length ? Math.Min(MaxLength, room[i + 1] + 1) : 1;
        PriorityQueue<(int Start, int Length, long Count), (double Gain, int Start, int Length)> found = new(WorstFirst.Instance);
        var before = new long[array.Length + 1];
        for (var i = 0; i < array.Length; i++) before[i + 1] = before[i] + counts[wordOf[array[i]]];
        Stack<(int Length, int First)> open = new();
        for (var i = 1; i <= array.Length; i++)
        {
            var length = i < array.Length ? Math.Min(shared[i], Math.Min(room[array[i]], room[array[i - 1]])) : 0;
            var first = i - 1;
            while (open.TryPeek(out var top) && top.Length > length)
            {
                open.Pop();
                first = top.First;
                if (top.Length >= 2) Offer(array[top.First], top.Length, before[i] - before[top.First]);
            }

            // A word may be the only one with its end, and yet occur often.
            var sharedBefore = i > 1 ? Math.Min(shared[i - 1], Math.Min(room[array[i - 1]], room[array[i - 2]])) : 0;
            var own = room[array[i - 1]];
            if (own >= 2 && own > Math.Max(length, sharedBefore) && counts[wordOf[array[i - 1]]] >= 2) Offer(array[i - 1], own, counts[wordOf[array[i - 1]]]);
            if (length > 0 && (!open.TryPeek(out var now) || now.Length < length)) open.Push((length, first));
        }

        var best = found.UnorderedItems.ToArray();
        Array.Sort(best, static (x, y) => WorstFirst.Instance.Compare(y.Priority, x.Priority));
        return best.Select(piece => piece.Element);

        void Offer(int start, int length, long count)
        {
            var priority = ((double)count * length, start, length);
            if (found.Count < most) found.Enqueue((start, length, count), priority);
            else if (most > 0) found.EnqueueDequeue((start, length, count), priority);
        }
    }

    /// <summary>What count × length is least of, and of equals what stands last.</summary>
    private sealed class WorstFirst : IComparer<(double Gain, int Start, int Length)>
    {
        public static WorstFirst Instance { get; } = new();

        public int Compare((double Gain, int Start, int Length) x, (double Gain, int Start, int Length) y) =>
            x.Gain != y.Gain ? x.Gain.CompareTo(y.Gain) : x.Start != y.Start ? y.Start.CompareTo(x.Start) : y.Length.CompareTo(x.Length);
    }
}
