using System.Runtime.CompilerServices;

namespace Stemma.Models.NGram;

/// <summary>Counts the n-grams of a text: one record per token, sorted and combined.</summary>
internal static class NGramCounter
{
    /// <summary>
    /// The n-grams of the highest order in suffix order, each once with its count. The first tokens of a sequence have as many
    /// begin tokens before them as the order needs.
    /// </summary>
    public static RunMerger<CountedNGram> Count(Workspace workspace, RecordStore<int> tokens, NGramLayout layout, int begin, CancellationToken cancellation)
    {
        var parts = new List<RecordStore<CountedNGram>>[workspace.ThreadCount];
        Parallel.For(0, parts.Length, new ParallelOptions { MaxDegreeOfParallelism = workspace.ThreadCount, CancellationToken = cancellation }, part =>
        {
            var (start, end) = (tokens.Count * part / parts.Length, tokens.Count * (part + 1) / parts.Length);
            parts[part] = Count(workspace, tokens, start, end, layout, begin, cancellation);
        });
        return new RunMerger<CountedNGram>(workspace, parts.SelectMany(runs => runs));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static List<RecordStore<CountedNGram>> Count(
        Workspace workspace, RecordStore<int> tokens, long start, long end, NGramLayout layout, int begin, CancellationToken cancellation)
    {
        var sorter = new RecordSorter<CountedNGram>(workspace, 0, layout.WordBits * layout.Order);
        var beginning = layout.Key([.. Enumerable.Repeat(begin, layout.Order)]);
        // The tokens before the part are the context of its first ones.
        var position = Math.Max(0, start - (layout.Order - 1));
        using var reader = tokens.Read(position);
        var key = beginning;
        while (position < end)
        {
            cancellation.ThrowIfCancellationRequested();
            foreach (var token in reader.Take((int)Math.Min(end - position, 1 << 20)))
            {
                if (token == SequenceStore.Boundary)
                {
                    key = beginning;
                }
                else
                {
                    key = layout.Append(key, token);
                    if (position >= start) sorter.Add(new(key, 1));
                }
                position++;
            }
        }
        return sorter.Finish();
    }
}
