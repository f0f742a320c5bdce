namespace Stemma.Text.Shards;

/// <summary>Gathers small things into batches of a size worth a task.</summary>
internal static class Batching
{
    /// <summary>Consecutive items, each batch closed once its sizes add up to <paramref name="size"/> or more.</summary>
    public static IEnumerable<List<T>> GatherBy<T>(this IEnumerable<T> items, Func<T, int> sizeOf, int size)
    {
        List<T> batch = [];
        var total = 0L;
        foreach (var item in items)
        {
            batch.Add(item);
            total += sizeOf(item) + 1;
            if (total < size) continue;
            yield return batch;
            (batch, total) = ([], 0);
        }

        if (batch.Count > 0) yield return batch;
    }
}
