using System.Text;
using Stemma.Text.Tokenizers.Bpe;

namespace Stemma.Tests.Text.Tokenizers.Bpe;

/// <summary>Byte pair encoding as published, without any haste: what the fast encoder and trainer must equal.</summary>
internal static class SlowBpe
{
    /// <summary>GPT-2's <c>encoder.py</c>: merge every occurrence of the best-ranked pair until none is left.</summary>
    public static List<int> Encode(IEnumerable<string> words, BpeTokenizer tokenizer)
    {
        var ranks = tokenizer.Merges.Select((merge, rank) => (merge, rank)).ToDictionary(entry => (entry.merge.Left, entry.merge.Right), entry => entry);
        var byteIds = Enumerable.Range(0, tokenizer.VocabSize).Where(id => tokenizer.Bytes(id).Length == 1).ToDictionary(id => tokenizer.Bytes(id)[0], id => id);
        List<int> ids = [];
        foreach (var word in words)
        {
            var parts = Encoding.UTF8.GetBytes(word).Select(value => byteIds[value]).ToList();
            while (true)
            {
                var best = parts.Zip(parts.Skip(1)).Where(ranks.ContainsKey).OrderBy(pair => ranks[pair].rank).Select(pair => ((int, int)?)pair).FirstOrDefault();
                if (best is not { } pair) break;
                parts = Merge(parts, pair, ranks[pair].merge.Result);
            }

            ids.AddRange(parts);
        }

        return ids;
    }

    /// <summary>Counts every pair afresh for every merge; highest count, then lowest left id, then lowest right id.</summary>
    public static List<(string Left, string Right)> Train(IEnumerable<string> words, int mergeCount, long minFrequency)
    {
        var corpus = words.GroupBy(word => word).Select(group => (Parts: Encoding.UTF8.GetBytes(group.Key).Select(value => ByteAlphabet.InOrder.ToList().IndexOf(value)).ToList(), Count: (long)group.Count())).ToList();
        var pieces = ByteAlphabet.InOrder.Select(value => ByteAlphabet.Spell([value])).ToList();
        List<(string, string)> merges = [];
        while (pieces.Count - 256 < mergeCount)
        {
            var counts = new Dictionary<(int, int), long>();
            foreach (var (parts, count) in corpus)
                foreach (var pair in parts.Zip(parts.Skip(1))) counts[pair] = counts.GetValueOrDefault(pair) + count;
            if (counts.Count == 0) break;
            var ((left, right), highest) = counts.OrderByDescending(entry => entry.Value).ThenBy(entry => entry.Key).First();
            if (highest < minFrequency) break;
            merges.Add((pieces[left], pieces[right]));
            var merged = pieces[left] + pieces[right];
            var id = pieces.IndexOf(merged);
            if (id < 0)
            {
                id = pieces.Count;
                pieces.Add(merged);
            }

            corpus = [.. corpus.Select(word => (Merge(word.Parts, (left, right), id), word.Count))];
        }

        return merges;
    }

    private static List<int> Merge(List<int> parts, (int Left, int Right) pair, int result)
    {
        List<int> merged = [];
        for (var i = 0; i < parts.Count; i++)
        {
            var found = i + 1 < parts.Count && parts[i] == pair.Left && parts[i + 1] == pair.Right;
            merged.Add(found ? result : parts[i]);
            if (found) i++;
        }

        return merged;
    }
}
