using System.Text;

namespace Stemma.Text.Tokenizers.Unigram;

/// <summary>
/// One pass of expectation over counted words: how often each piece is used, all segmentations of a word weighted by their probability (the
/// forward–backward algorithm; Kudo 2018, §3.2). Words are dealt into blocks whose sums are added in order, so the result is the same for any number of threads.
/// </summary>
internal sealed class UnigramExpectation
{
    private const int BlockCount = 8;

    // All words, one behind the other: an array of each would take more than its bytes.
    private readonly byte[] bytes;
    private readonly int[] starts;
    private readonly long[] counts;
    private readonly int threadCount;

    public UnigramExpectation(string[] words, long[] counts, int threadCount)
    {
        (this.counts, this.threadCount) = (counts, threadCount);
        bytes = new byte[words.Sum(word => (long)Encoding.UTF8.GetByteCount(word))];
        starts = new int[words.Length + 1];
        for (var word = 0; word < words.Length; word++) starts[word + 1] = starts[word] + Encoding.UTF8.GetBytes(words[word], bytes.AsSpan(starts[word]));
    }

    /// <summary>Expected uses of each piece, and the mean log-likelihood of a word, in nats.</summary>
    public (double[] Expected, double LogLikelihood) Run(ByteTrie trie, double[] scores, double unknownScore)
    {
        var results = new (double[] Expected, double LogLikelihood)[BlockCount];
        Parallel.For(0, BlockCount, new ParallelOptions { MaxDegreeOfParallelism = threadCount }, block => results[block] = Block(block, trie, scores, unknownScore));
        var (expected, likelihood) = results[0];
        for (var block = 1; block < BlockCount; block++)
        {
            for (var i = 0; i < expected.Length; i++) expected[i] += results[block].Expected[i];
            likelihood += results[block].LogLikelihood;
        }

        return (expected, likelihood / counts.Sum());
    }

    /// <summary>For each piece how often the best segmentations use it, counted by words' counts, and by words once each.</summary>
    public (long[] Uses, long[] Words) RunBest(ByteTrie trie, double[] scores, double unknownScore)
    {
        var results = new (long[] Uses, long[] Words)[BlockCount];
        Parallel.For(0, BlockCount, new ParallelOptions { MaxDegreeOfParallelism = threadCount }, block =>
        {
            var (uses, inWords) = (new long[scores.Length], new long[scores.Length]);
            var best = new BestPath();
            for (var word = block; word < counts.Length; word += BlockCount)
            {
                best.Find(Word(word), trie, scores, unknownScore);
                for (var i = 0; i < best.Ids.Count; i++)
                {
                    var id = best.Ids[i];
                    if (id < 0) continue;
                    uses[id] += counts[word];
                    if (best.Ids.IndexOf(id) == i) inWords[id] += counts[word];
                }
            }

            results[block] = (uses, inWords);
        });
        var (total, totalWords) = results[0];
        foreach (var (uses, inWords) in results.Skip(1))
            for (var i = 0; i < total.Length; i++) (total[i], totalWords[i]) = (total[i] + uses[i], totalWords[i] + inWords[i]);
        return (total, totalWords);
    }

    private ReadOnlySpan<byte> Word(int word) => bytes.AsSpan(starts[word], starts[word + 1] - starts[word]);

    private (double[] Expected, double LogLikelihood) Block(int block, ByteTrie trie, double[] scores, double unknownScore)
    {
        // Probabilities, each times e^(3 × bytes): the factor cancels within a word and keeps products far from 0 and from infinity.
        const double Lift = 3;
        var probabilities = Array.ConvertAll(scores, Math.Exp);
        var expected = new double[scores.Length];
        var likelihood = 0.0;
        List<(int Start, int End, int Id, double Weight)> edges = [];
        double[] forward = [], backward = [];
        var lifts = Enumerable.Range(0, 512).Select(length => Math.Exp(Lift * length)).ToArray();
        for (var word = block; word < counts.Length; word += BlockCount)
        {
            var text = Word(word);
            if (forward.Length <= text.Length) (forward, backward) = (new double[text.Length * 2 + 1], new double[text.Length * 2 + 1]);
            edges.Clear();
            forward.AsSpan(0, text.Length + 1).Clear();
            backward.AsSpan(0, text.Length + 1).Clear();
            forward[0] = backward[text.Length] = 1;
            var uncovered = 0.0;
            for (var start = 0; start < text.Length;)
            {
                var character = Math.Min(UnigramPieces.CharacterLength(text[start]), text.Length - start);
                var covered = false;
                for (int end = start, node = 0; end < text.Length && (node = trie.Step(node, text[end])) != ByteTrie.None;)
                {
                    end++;
                    var id = trie.Value(node);
                    if (id < 0) continue;
                    Edge(start, end, id, probabilities[id]);
                    covered |= end - start == character;
                }

                // Nothing else covers such a character, so what it costs cancels, and is kept out of products that many of them would make 0.
                if (!covered)
                {
                    Edge(start, start + character, -1, 1 / lifts[character]);
                    uncovered += unknownScore + Lift * character;
                }

                start += character;
            }

            void Edge(int start, int end, int id, double probability)
            {
                var weight = probability * lifts[end - start];
                edges.Add((start, end, id, weight));
                forward[end] += forward[start] * weight;
            }

            for (var i = edges.Count - 1; i >= 0; i--) backward[edges[i].Start] += edges[i].Weight * backward[edges[i].End];
            var total = forward[text.Length];
            likelihood += counts[word] * (Math.Log(total) - Lift * text.Length + uncovered);
            var factor = counts[word] / total;
            foreach (var (start, end, id, weight) in edges)
                if (id >= 0) expected[id] += factor * forward[start] * weight * backward[end];
        }

        return (expected, likelihood);
    }
}
