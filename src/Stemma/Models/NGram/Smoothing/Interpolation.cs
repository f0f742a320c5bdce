using System.Runtime.CompilerServices;

namespace Stemma.Models.NGram;

/// <summary>Makes probabilities of shares, order after order: p(w|h) = own share + λ(h)·p(w|h′). In suffix order an n-gram and the one without its first word come up together.</summary>
internal static class Interpolation
{
    /// <summary>Makes the model's n-grams of all orders.</summary>
    /// <param name="workspace">Keeps them.</param>
    /// <param name="counts">All orders' counts.</param>
    /// <param name="passes">By order less two; those of orders from 2 on.</param>
    /// <param name="unigrams">What the method takes from unigrams.</param>
    /// <param name="layout">How n-grams are packed.</param>
    /// <param name="vocabulary">The tokens.</param>
    /// <param name="smoothing">The method.</param>
    /// <param name="done">Told after each order.</param>
    public static RecordStore<WeightedNGram>[] Run(
        Workspace workspace, AdjustedCounts counts, ContextPass[] passes, in OrderParameters unigrams, NGramLayout layout, NGramVocabulary vocabulary, Smoothing smoothing, Action<int> done)
    {
        var orders = new RecordStore<WeightedNGram>[layout.Order];
        var lower = Unigrams(workspace, counts.Orders[0], passes.FirstOrDefault()?.Backoffs, unigrams, vocabulary, smoothing, out orders[0]);
        done(1);
        for (var order = 2; order <= layout.Order; order++)
        {
            var backoffs = order < layout.Order ? passes[order - 1].Backoffs : null;
            var next = Order(workspace, counts.Orders[order - 1], counts.Orders[order - 2], lower, passes[order - 2], backoffs, layout, order, out orders[order - 1]);
            lower.Dispose();
            lower = next;
            counts.Orders[order - 2].Dispose();
            passes[order - 2].Dispose();
            done(order);
        }
        lower.Dispose();
        return orders;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static RecordStore<double> Unigrams(
        Workspace workspace, RecordStore<CountedNGram> counts, RecordStore<double>? backoffs, in OrderParameters parameters, NGramVocabulary vocabulary, Smoothing smoothing, out RecordStore<WeightedNGram> weighted)
    {
        var sums = new ContextSums.Builder();
        using (var reader = counts.Read())
            while (reader.MoveNext()) sums.Add(reader.Current);
        // Below the highest order, a method with uniform lower orders has a uniform one here.
        var flat = smoothing.HasUniformLowerOrders && backoffs is not null;
        var whole = flat ? ContextSums.Empty : sums.Sums(parameters);
        var uniform = 1.0 / vocabulary.PredictedCount;
        var probabilities = new RecordStore<double>(workspace);
        weighted = new RecordStore<WeightedNGram>(workspace);
        using var grams = counts.Read();
        using var weights = backoffs?.Read();
        for (var id = 0; grams.MoveNext(); id++)
        {
            ref readonly var gram = ref grams.Current;
            var probability = whole.Own(gram.Count, parameters) + (smoothing.FixedBackoff is null ? whole.Lower * uniform : 0);
            // The begin token is never predicted; a probability of 1 lets it be scored without a difference, as KenLM has it.
            if (id == vocabulary.Begin) probability = 1;
            probabilities.Add(probability);
            weighted.Add(new(gram.Key, Math.Log10(probability), weights is not null && weights.MoveNext() ? Log(weights.Current) : 0));
        }
        weighted.Seal();
        return probabilities.Seal();
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static RecordStore<double> Order(
        Workspace workspace, RecordStore<CountedNGram> counts, RecordStore<CountedNGram> lowerCounts, RecordStore<double> lowerProbabilities,
        ContextPass pass, RecordStore<double>? backoffs, NGramLayout layout, int order, out RecordStore<WeightedNGram> weighted)
    {
        var probabilities = new RecordStore<double>(workspace);
        weighted = new RecordStore<WeightedNGram>(workspace);
        using var grams = counts.Read();
        using var lowerGrams = lowerCounts.Read();
        using var lower = lowerProbabilities.Read();
        using var weights = backoffs?.Read();
        lowerGrams.MoveNext();
        lower.MoveNext();
        var hasShare = pass.Shares.MoveNext();
        for (var index = 0L; grams.MoveNext(); index++)
        {
            weights?.MoveNext();
            ref readonly var gram = ref grams.Current;
            if (!hasShare || pass.Shares.Current.Index != index)
            {
                probabilities.Add(0); // pruned: nothing leans on it
                continue;
            }
            var suffix = layout.Suffix(gram.Key, order, order - 1);
            while (lowerGrams.Current.Key != suffix)
            {
                lowerGrams.MoveNext();
                lower.MoveNext();
            }
            ref readonly var share = ref pass.Shares.Current;
            var probability = share.Own + (share.Lower * lower.Current);
            probabilities.Add(probability);
            weighted.Add(new(gram.Key, Math.Log10(probability), weights is null ? 0 : Log(weights.Current)));
            hasShare = pass.Shares.MoveNext();
        }
        weighted.Seal();
        return probabilities.Seal();
    }

    // Most n-grams are no context at all.
    private static double Log(double weight) => weight == 1 ? 0 : Math.Log10(weight);
}
