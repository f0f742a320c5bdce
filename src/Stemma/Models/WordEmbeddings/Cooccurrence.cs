using Stemma.Numerics.LinearAlgebra;
using Stemma.Text.Corpora.Words;

namespace Stemma.Models.WordEmbeddings;

/// <summary>How often words stand near each other.</summary>
public static class Cooccurrence
{
    private const int WordsTogether = 64;

    /// <summary>Counts pairs of words within a window of one sentence.</summary>
    /// <param name="corpus">The text.</param>
    /// <param name="window">The largest distance.</param>
    /// <param name="weight">What a pair counts for.</param>
    /// <param name="progress">Told how far it is.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <returns>[words, words], symmetric. The same numbers whatever the threads: a row is counted by one.</returns>
    /// <exception cref="ConfigurationException">There are too many pairs to keep.</exception>
    public static SparseMatrix Count(WordCorpus corpus, int window, DistanceWeight weight, IProgress<WordVectorProgress>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(corpus);
        ArgumentNullException.ThrowIfNull(weight);
        ArgumentOutOfRangeException.ThrowIfLessThan(window, 1);
        var words = corpus.Vocabulary.Count;
        var (starts, places) = Places(corpus);
        double[] weights = [0, .. Enumerable.Range(1, window).Select(distance => weight.At(distance, window))];
        var rows = new (int[], float[])[words];
        var done = 0L;
        // A word at a time: its own row is dense while it is counted, and fits into the cache.
        Parallel.For(0, (words + WordsTogether - 1) / WordsTogether, new ParallelOptions { CancellationToken = cancellation }, () => new Row(words), (group, _, row) =>
        {
            for (var word = group * WordsTogether; word < Math.Min(words, (group + 1) * WordsTogether); word++)
            {
                for (var i = starts[word]; i < starts[word + 1]; i++) row.Add(corpus.Tokens.Span, places[i], weights);
                rows[word] = row.Take();
                Interlocked.Add(ref done, starts[word + 1] - starts[word]);
            }
            progress?.Report(new("Counting pairs", Math.Min(1, (double)Interlocked.Read(ref done) / places.Length), double.NaN));
            return row;
        }, _ => { });
        try
        {
            return new(words, rows);
        }
        catch (ArgumentException error)
        {
            throw new ConfigurationException($"Pairs of words are too many to keep: {error.Message} Leave out more rare words, or choose a smaller window.");
        }
    }

    /// <summary>The places of each word in the text.</summary>
    private static (int[] Starts, int[] Places) Places(WordCorpus corpus)
    {
        var tokens = corpus.Tokens.Span;
        var counts = corpus.Vocabulary.Counts;
        var starts = new int[counts.Length + 1];
        for (var word = 0; word < counts.Length; word++) starts[word + 1] = checked(starts[word] + (int)counts[word]);
        var (next, places) = (starts[..^1], new int[starts[^1]]);
        for (var i = 0; i < tokens.Length; i++)
            if (tokens[i] != WordCorpus.SentenceEnd) places[next[tokens[i]]++] = i;
        return (starts, places);
    }

    private sealed class Row(int words)
    {
        private readonly double[] _sums = new double[words];
        private readonly List<int> _seen = [];

        public void Add(ReadOnlySpan<int> tokens, int place, double[] weights)
        {
            for (var distance = 1; distance < weights.Length && place - distance >= 0 && tokens[place - distance] != WordCorpus.SentenceEnd; distance++) Add(tokens[place - distance], weights[distance]);
            for (var distance = 1; distance < weights.Length && place + distance < tokens.Length && tokens[place + distance] != WordCorpus.SentenceEnd; distance++) Add(tokens[place + distance], weights[distance]);
        }

        public (int[] Columns, float[] Values) Take()
        {
            _seen.Sort();
            int[] columns = [.. _seen];
            var values = new float[columns.Length];
            for (var i = 0; i < columns.Length; i++)
            {
                values[i] = (float)_sums[columns[i]];
                _sums[columns[i]] = 0;
            }
            _seen.Clear();
            return (columns, values);
        }

        private void Add(int word, double weight)
        {
            if (_sums[word] == 0) _seen.Add(word);
            _sums[word] += weight;
        }
    }
}
