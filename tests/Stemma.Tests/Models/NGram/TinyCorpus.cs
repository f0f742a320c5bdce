using Stemma.Models.NGram;
using Stemma.Text.Corpora;

namespace Stemma.Tests.Models.NGram;

/// <summary>Texts of a few words, and probabilities of a model's table computed the slow way: by definition, in float64.</summary>
internal static class TinyCorpus
{
    /// <summary>Two sentences whose counts are easily done by hand.</summary>
    public static readonly Document[] Sentences = [new("tiny", "a b a\na b b\n")];

    /// <summary>Sentences of random words of uneven frequency, so that all counts of counts occur.</summary>
    public static Document[] Random(int sentences, int seed = 1)
    {
        var random = new Random(seed);
        return [new("random", string.Concat(Enumerable.Range(0, sentences).Select(_ =>
            string.Join(' ', Enumerable.Range(0, random.Next(1, 9)).Select(_ => $"w{(int)(30 * Math.Pow(random.NextDouble(), 3))}")) + "\n")))];
    }

    /// <summary>All n-grams of a table, by their words.</summary>
    public static Dictionary<string, (double Probability, double Backoff)> Entries(NGramTable table)
    {
        var entries = new Dictionary<string, (double, double)>();
        for (var order = 1; order <= table.Order; order++)
        {
            using var reader = table.Orders[order - 1].Read();
            while (reader.MoveNext())
            {
                var gram = reader.Current;
                var words = string.Join(' ', Enumerable.Range(0, order).Select(position => table.Vocabulary[table.Layout.Word(gram.Key, position)]));
                entries.Add(words, (Math.Pow(10, gram.LogProbability), Math.Pow(10, gram.LogBackoff)));
            }
        }
        return entries;
    }

    /// <summary>p(word|context) as the ARPA format defines it.</summary>
    public static double Probability(Dictionary<string, (double Probability, double Backoff)> entries, string[] context, string word)
    {
        if (entries.TryGetValue(string.Join(' ', [.. context, word]), out var entry)) return entry.Probability;
        var weight = entries.TryGetValue(string.Join(' ', context), out var whole) ? whole.Backoff : 1;
        return weight * Probability(entries, context[1..], word);
    }
}
