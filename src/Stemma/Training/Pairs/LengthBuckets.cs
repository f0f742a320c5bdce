using Stemma.Models;
using Stemma.Numerics;

namespace Stemma.Training.Pairs;

/// <summary>
/// Batches of pairs of about the same length, so that little is computed for padding: each epoch the pairs are shuffled, cut into pools,
/// each pool sorted by length and cut into batches, and the batches shuffled. Every pair comes once an epoch.
/// </summary>
/// <param name="pairs">What to divide.</param>
/// <param name="batchSize">Pairs per batch; the last one of an epoch may hold fewer.</param>
/// <param name="random">Draws the order.</param>
public sealed class LengthBuckets(IReadOnlyList<TokenPair> pairs, int batchSize, RandomStream random)
{
    private const int BatchesPerPool = 50;

    /// <summary>Batches per epoch.</summary>
    public int BatchCount => (pairs.Count + batchSize - 1) / batchSize;

    /// <summary>The numbers of the pairs of every batch of an epoch.</summary>
    public IReadOnlyList<int[]> Epoch(int epoch)
    {
        var draws = random.Fork((ulong)epoch);
        var order = Enumerable.Range(0, pairs.Count).ToArray();
        Shuffle(order, draws.Fork("pairs"));
        int[][] batches = [.. order
            .Chunk(batchSize * BatchesPerPool)
            .SelectMany(pool => pool.OrderBy(i => pairs[i].Target.Length).ThenBy(i => pairs[i].Source.Length).Chunk(batchSize))];
        Shuffle(batches, draws.Fork("batches"));
        return batches;
    }

    // Fisher and Yates 1938.
    private static void Shuffle<T>(T[] items, RandomStream draws)
    {
        for (var i = items.Length - 1; i > 0; i--)
        {
            var j = (int)draws.Below(i + 1, (ulong)i);
            (items[i], items[j]) = (items[j], items[i]);
        }
    }
}
