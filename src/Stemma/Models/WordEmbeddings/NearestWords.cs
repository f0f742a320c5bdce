namespace Stemma.Models.WordEmbeddings;

/// <summary>A word and how near it is.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Word">The word.</param>
/// <param name="Score">A cosine, or what an <see cref="AnalogyMethod"/> makes of three.</param>
public readonly record struct ScoredWord(int Id, string Word, float Score);

/// <summary>Looks all words through for the nearest.</summary>
public static class NearestWords
{
    /// <summary>The words with the largest cosines to a word, itself left out; the nearest first.</summary>
    public static IReadOnlyList<ScoredWord> Neighbours(this WordVectors vectors, int word, int count)
    {
        ArgumentNullException.ThrowIfNull(vectors);
        return Best(vectors, Cosines(vectors, word), count, word);
    }

    /// <summary>What is to <paramref name="c"/> as <paramref name="b"/> is to <paramref name="a"/>; the three left out, the likeliest first.</summary>
    public static IReadOnlyList<ScoredWord> Analogy(this WordVectors vectors, int a, int b, int c, int count, AnalogyMethod method)
    {
        ArgumentNullException.ThrowIfNull(vectors);
        ArgumentNullException.ThrowIfNull(method);
        var scores = new float[vectors.Count];
        method.Score(Cosines(vectors, a), Cosines(vectors, b), Cosines(vectors, c), scores);
        return Best(vectors, scores, count, a, b, c);
    }

    private static float[] Cosines(WordVectors vectors, int word)
    {
        var cosines = new float[vectors.Count];
        for (var i = 0; i < cosines.Length; i++) cosines[i] = WordVectors.Dot(vectors.Unit(word), vectors.Unit(i));
        return cosines;
    }

    private static List<ScoredWord> Best(WordVectors vectors, float[] scores, int count, params ReadOnlySpan<int> without)
    {
        // The least of the best so far is at the head of the queue; of equals the later word goes first.
        var best = new PriorityQueue<int, (float Score, int Order)>();
        for (var i = 0; i < scores.Length; i++)
        {
            if (without.Contains(i)) continue;
            if (best.Count < count) best.Enqueue(i, (scores[i], -i));
            else if (count > 0) best.EnqueueDequeue(i, (scores[i], -i));
        }
        var result = new List<ScoredWord>(best.Count);
        while (best.TryDequeue(out var id, out _)) result.Add(new(id, vectors.Words[id], scores[id]));
        result.Reverse();
        return result;
    }
}
