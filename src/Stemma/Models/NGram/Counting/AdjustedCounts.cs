using System.Runtime.CompilerServices;

namespace Stemma.Models.NGram;

/// <summary>
/// The counts of all orders from those of the highest, in one pass over it (Heafield et al. 2013, "Scalable modified Kneser–Ney
/// language model estimation"): in suffix order, n-grams that end in the same words stand together.
/// </summary>
internal sealed class AdjustedCounts : IDisposable
{
    private AdjustedCounts(Workspace workspace, int order)
    {
        Orders = [.. Enumerable.Range(0, order).Select(_ => new RecordStore<CountedNGram>(workspace))];
        Statistics = new CountsOfCounts[order];
        Kept = new long[order];
    }

    /// <summary>By order less one: the n-grams in suffix order. Unigrams are complete, unseen ones with a count of 0.</summary>
    public RecordStore<CountedNGram>[] Orders { get; }

    /// <summary>By order less one, over all n-grams, pruned ones too.</summary>
    public CountsOfCounts[] Statistics { get; }

    /// <summary>By order less one: n-grams that are not pruned.</summary>
    public long[] Kept { get; }

    /// <summary>Collects the counts.</summary>
    /// <param name="workspace">Keeps them.</param>
    /// <param name="highest">N-grams of the highest order in suffix order.</param>
    /// <param name="layout">Their layout.</param>
    /// <param name="vocabulary">Whose begin token fills the start of a sequence.</param>
    /// <param name="smoothing">
    /// Says whether a lower order counts the different words before an n-gram (Kneser–Ney) instead of how often it was seen. What begins
    /// a sequence has nothing before it and keeps its own count.
    /// </param>
    /// <param name="prune">By order less one: n-grams seen so often or less are pruned.</param>
    public static AdjustedCounts Collect(
        Workspace workspace, RunMerger<CountedNGram> highest, NGramLayout layout, NGramVocabulary vocabulary, Smoothing smoothing, ReadOnlySpan<long> prune)
    {
        var counts = new AdjustedCounts(workspace, layout.Order);
        new Pass(counts, layout, vocabulary, smoothing, prune).Run(highest);
        return counts;
    }

    public void Dispose()
    {
        foreach (var order in Orders) order.Dispose();
    }

    private ref struct Pass(AdjustedCounts counts, NGramLayout layout, NGramVocabulary vocabulary, Smoothing smoothing, ReadOnlySpan<long> prune)
    {
        private readonly ulong[] _seen = new ulong[layout.Order + 1];
        private readonly ulong[] _continuations = new ulong[layout.Order + 1];
        private readonly int _begin = vocabulary.Begin!.Value;
        private readonly bool _continuation = smoothing.UsesContinuationCounts;
        private readonly ReadOnlySpan<long> _prune = prune;
        private bool _lastAsSeen;
        private int _nextUnigram;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Run(RunMerger<CountedNGram> highest)
        {
            var (last, lastLength, lastBegins) = (default(NGramKey), 0, false);
            while (highest.MoveNext())
            {
                ref readonly var gram = ref highest.Current;
                var (length, begins) = Length(gram.Key);
                var same = lastLength == 0 ? 0 : Math.Min(Math.Min(length, lastLength), layout.SharedSuffix(gram.Key, last, layout.Order));
                for (var order = lastLength; order > same; order--) End(last, order, lastBegins && order == lastLength);
                for (var order = 1; order <= same; order++) _seen[order] += gram.Count;
                if (same > 0) _continuations[same]++;
                for (var order = same + 1; order <= length; order++) (_seen[order], _continuations[order]) = (gram.Count, 1);
                (last, lastLength, lastBegins) = (gram.Key, length, begins);
            }
            _lastAsSeen = smoothing.CountsLastAsSeen;
            for (var order = lastLength; order > 0; order--) End(last, order, lastBegins && order == lastLength);
            FillUnigrams(vocabulary.Count);
            foreach (var order in counts.Orders) order.Seal();
        }

        // The words of a full key without what fills it: one begin token counts, those before it do not.
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private readonly (int Length, bool Begins) Length(in NGramKey key)
        {
            if (layout.Word(key, 0) != _begin) return (layout.Order, false);
            var fill = 1;
            while (fill < layout.Order && layout.Word(key, fill) == _begin) fill++;
            return (layout.Order - fill + 1, true);
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private void End(in NGramKey full, int order, bool begins)
        {
            var gram = new CountedNGram(layout.Suffix(full, layout.Order, order), _continuation && order < layout.Order && !begins ? _continuations[order] : _seen[order]);
            if (order == 1) FillUnigrams((int)gram.Key.Low);
            ref var statistics = ref counts.Statistics[order - 1];
            statistics = statistics.Add(_lastAsSeen ? _seen[order] : gram.Count);
            var pruned = _seen[order] <= (ulong)_prune[order - 1];
            if (!pruned) counts.Kept[order - 1]++;
            counts.Orders[order - 1].Add(pruned ? gram.Pruned() : gram);
            if (order == 1) _nextUnigram++;
        }

        private void FillUnigrams(int end)
        {
            for (; _nextUnigram < end; _nextUnigram++)
            {
                counts.Orders[0].Add(new CountedNGram(new(0, (uint)_nextUnigram), 0));
                counts.Kept[0]++;
            }
        }
    }
}
