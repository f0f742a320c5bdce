using Stemma.Numerics;
using Stemma.Text.Corpora;
using Stemma.Text.Corpora.Words;

namespace Stemma.Tests.Models.Word2Vec;

/// <summary>Sentences about one of a few things each, in words of that thing and words that all share.</summary>
internal static class TopicText
{
    public const int Topics = 4, WordsPerTopic = 6;

    /// <summary>Words are <c>t0a</c> … <c>t3f</c> and <c>s0</c> … <c>s5</c>.</summary>
    public static WordCorpus Corpus(int sentences = 3000, ulong seed = 1)
    {
        var random = new RandomStream(seed);
        var lines = Enumerable.Range(0, sentences).Select(s => string.Join(' ', Enumerable.Range(0, 8).Select(i =>
        {
            var position = (ulong)(s * 8 + i) * 2;
            return random.Uniform(position) < 0.3 ? $"s{random.Below(6, position + 1)}" : $"t{s % Topics}{(char)('a' + random.Below(WordsPerTopic, position + 1))}";
        })));
        return WordCorpus.Read([new Document("topics", string.Join('\n', lines))], new PlainWords());
    }
}
