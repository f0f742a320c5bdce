using Stemma.Text.Corpora.Words;

namespace Stemma.Models.Ppmi;

/// <summary>Two words that follow each other more often than by chance.</summary>
/// <param name="First">Id of the first word.</param>
/// <param name="Second">Id of the word after it.</param>
/// <param name="Count">How often.</param>
/// <param name="Information">ln [p(first second) / (p(first) p(second))], in nats. Church and Hanks 1990.</param>
/// <param name="Share">That ÷ −ln p(first second): 1 where neither appears without the other, 0 by chance. Bouma 2009.</param>
public readonly record struct Collocation(int First, int Second, long Count, double Information, double Share)
{
    /// <summary>The pairs with the highest share.</summary>
    /// <param name="corpus">The text.</param>
    /// <param name="minCount">Pairs that appear less often are left out: mutual information overrates them.</param>
    /// <param name="most">How many, at most.</param>
    public static IReadOnlyList<Collocation> Find(WordCorpus corpus, int minCount, int most)
    {
        ArgumentNullException.ThrowIfNull(corpus);
        var tokens = corpus.Tokens.Span;
        var pairs = new Dictionary<long, long>();
        var (firsts, seconds, total) = (new long[corpus.Vocabulary.Count], new long[corpus.Vocabulary.Count], 0L);
        for (var i = 1; i < tokens.Length; i++)
        {
            if (tokens[i] == WordCorpus.SentenceEnd || tokens[i - 1] == WordCorpus.SentenceEnd) continue;
            var pair = ((long)tokens[i - 1] << 32) | (uint)tokens[i];
            pairs[pair] = pairs.GetValueOrDefault(pair) + 1;
            firsts[tokens[i - 1]]++;
            seconds[tokens[i]]++;
            total++;
        }
        return [.. pairs.Where(pair => pair.Value >= minCount).Select(pair => Of(pair.Key, pair.Value)).OrderByDescending(pair => pair.Share).ThenBy(pair => pair.First).ThenBy(pair => pair.Second).Take(most)];

        Collocation Of(long pair, long count)
        {
            var (first, second) = ((int)(pair >> 32), (int)(uint)pair);
            var information = Math.Log((double)count * total / ((double)firsts[first] * seconds[second]));
            return new(first, second, count, information, count == total ? 1 : information / Math.Log((double)total / count));
        }
    }
}
