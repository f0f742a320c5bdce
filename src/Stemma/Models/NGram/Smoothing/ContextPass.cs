using System.Runtime.CompilerServices;

namespace Stemma.Models.NGram;

/// <summary>
/// One order's own shares and the weights of its contexts: sorts the n-grams by context, sums what each context's counts are, and
/// sorts the shares back into suffix order.
/// </summary>
internal sealed class ContextPass : IDisposable
{
    private ContextPass(RunMerger<Share> shares, RecordStore<double> backoffs) => (Shares, Backoffs) = (shares, backoffs);

    /// <summary>Of n-grams that are not pruned, in suffix order.</summary>
    public RunMerger<Share> Shares { get; }

    /// <summary>Of each n-gram of one order less, pruned ones too, in suffix order: its weight as a context; 1 where nothing follows it.</summary>
    public RecordStore<double> Backoffs { get; }

    /// <summary>Runs it for an order of at least 2.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static ContextPass Run(Workspace workspace, AdjustedCounts counts, NGramLayout layout, int begin, int order, Smoothing smoothing, in OrderParameters parameters, CancellationToken cancellation)
    {
        using var sorter = new RecordSorter<ContextNGram>(workspace, layout.WordBits, layout.WordBits * order);
        using (var reader = counts.Orders[order - 1].Read())
        {
            for (var index = 0L; reader.MoveNext(); index++)
            {
                ref readonly var gram = ref reader.Current;
                sorter.Add(new(layout.ToContextOrder(gram.Key, order), index, gram.Count));
            }
        }
        cancellation.ThrowIfCancellationRequested();
        var shares = new RecordSorter<Share>(workspace, 0, 64 - System.Numerics.BitOperations.LeadingZeroCount((ulong)counts.Orders[order - 1].Count));
        var backoffs = new RecordStore<double>(workspace);
        using (var sorted = new RunMerger<ContextNGram>(workspace, sorter.Finish())) // gives its buffer back before the next takes one
        using (var contexts = counts.Orders[order - 2].Read())
            Share(sorted, contexts, shares, backoffs, layout, begin, order, smoothing, parameters);
        return new(new RunMerger<Share>(workspace, shares.Finish()), backoffs.Seal());
    }

    public void Dispose()
    {
        Shares.Dispose();
        Backoffs.Dispose();
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Share(
        RunMerger<ContextNGram> sorted, RecordStore<CountedNGram>.Reader contexts, RecordSorter<Share> shares, RecordStore<double> backoffs,
        NGramLayout layout, int begin, int order, Smoothing smoothing, in OrderParameters parameters)
    {
        var group = new List<ContextNGram>();
        var more = sorted.MoveNext();
        while (more)
        {
            var context = sorted.Current.Key.ShiftRight(layout.WordBits);
            group.Clear();
            do group.Add(sorted.Current);
            while ((more = sorted.MoveNext()) && sorted.Current.Key.ShiftRight(layout.WordBits) == context);

            var isFlat = smoothing.HasUniformLowerOrders && order < layout.Order && layout.Word(context, 0) != begin;
            var sums = isFlat ? ContextSums.Empty : ContextSums.Of(group, parameters);
            foreach (ref readonly var gram in System.Runtime.InteropServices.CollectionsMarshal.AsSpan(group))
            {
                if ((gram.Count >> 63) != 0) continue;
                shares.Add(new(gram.Index, sums.Own(gram.Count, parameters), smoothing.FixedBackoff is null ? sums.Lower : 0));
            }
            while (contexts.MoveNext() && contexts.Current.Key != context) backoffs.Add(1);
            backoffs.Add(smoothing.FixedBackoff ?? sums.Lower);
        }
        while (contexts.MoveNext()) backoffs.Add(1);
    }
}
