namespace Stemma.Models.NGram;

/// <summary>
/// Leaves out n-grams without which the model's distribution hardly changes, judged by the relative entropy of the pruned model:
/// D = −p(h)·{p(w|h)·[ln p(w|h′) + ln α′(h) − ln p(w|h)] + [ln α′(h) − ln α(h)]·(1 − Σ p(·|h))}, where α′(h) is the weight of h without w;
/// an n-gram goes where e^D − 1, the relative rise of perplexity, is below a threshold. Stolcke 1998, "Entropy-based pruning of backoff
/// language models". Every n-gram is judged by the unpruned model; what a longer n-gram that stays begins or ends with, stays.
/// </summary>
/// <remarks>
/// p(h) is the model's own. The lower orders of Kneser–Ney are no estimate of how often a context comes, so that its models lose more
/// by this than others (Chelba et al. 2010). The work needs about as much memory as the model.
/// </remarks>
internal static class EntropyPruning
{
    /// <summary>Prunes a table in place.</summary>
    /// <param name="workspace">The table's.</param>
    /// <param name="table">With probabilities.</param>
    /// <param name="threshold">The relative rise of perplexity below which an n-gram goes.</param>
    /// <param name="cancellation">Stops it.</param>
    public static void Apply(Workspace workspace, NGramTable table, double threshold, CancellationToken cancellation)
    {
        var path = workspace.NewPath();
        try
        {
            NGramFile.Write(path, table, null, cancellation);
            var (file, header) = NGramFile.Open(path);
            using (file)
            {
                var slots = new NGramSlots(path, file, header);
                var (kept, weights) = Choose(slots, threshold, cancellation);
                for (var order = 1; order <= table.Order; order++) Rewrite(workspace, table, slots, order, kept[order - 1], weights[order - 1]);
            }
        }
        finally
        {
            File.Delete(path);
        }
    }

    /// <summary>D of one n-gram, in nats.</summary>
    /// <param name="context">p(h).</param>
    /// <param name="own">p(w|h).</param>
    /// <param name="lower">p(w|h′).</param>
    /// <param name="weight">α(h).</param>
    /// <param name="ownSum">Σ p(·|h) over all words known after h, w among them.</param>
    /// <param name="lowerSum">Σ p(·|h′) over the same.</param>
    internal static double Divergence(double context, double own, double lower, double weight, double ownSum, double lowerSum)
    {
        var after = Math.Log((1 - ownSum + own) / (1 - lowerSum + lower));
        var rest = 1 - ownSum;
        return -context * ((own * (Math.Log(lower) + after - Math.Log(own))) + (rest > 0 ? (after - Math.Log(weight)) * rest : 0));
    }

    // By order less one: which places stay, and the new weights of contexts by place, not a number where nothing changed.
    private static (bool[][] Kept, double[][] Weights) Choose(NGramSlots slots, double threshold, CancellationToken cancellation)
    {
        var kept = new bool[slots.Order][];
        var weights = new double[slots.Order][];
        for (var order = 1; order <= slots.Order; order++) kept[order - 1] = new bool[slots.Count(order)];
        Span<int> words = stackalloc int[slots.Order];
        for (var order = slots.Order; order >= 2; order--)
        {
            cancellation.ThrowIfCancellationRequested();
            var (mine, contexts) = (kept[order - 1], kept[order - 2]);
            var endings = words[..order];
            var all = ContextMass.Of(slots, order);
            var lost = new bool[slots.Count(order - 1)];
            for (var slot = 0L; slot < mine.Length; slot++)
            {
                if (!slots.IsTaken(order, slot)) continue;
                slots.Words(order, slot, endings);
                var (context, rest) = (slots.Find(endings[1..]), slots.Rest(order, slot));
                mine[slot] |= context < 0 || RiseOf(slots, order, slot, rest, context, endings, all) >= threshold;
                if (!mine[slot]) lost[context] = true;
                else if (context >= 0) contexts[context] = true;
                if (mine[slot]) contexts[rest] = true;
            }
            var left = ContextMass.Of(slots, order, mine);
            var changed = weights[order - 2] = new double[lost.Length];
            for (var context = 0; context < lost.Length; context++)
                changed[context] = lost[context] ? Math.Log10((1 - left.Own[context]) / (1 - left.Lower[context])) : double.NaN;
        }
        return (kept, weights);
    }

    private static double RiseOf(NGramSlots slots, int order, long slot, long rest, long context, ReadOnlySpan<int> words, in ContextMass all)
    {
        var (own, lower) = (Math.Pow(10, slots.LogProbability(order, slot)), Math.Pow(10, slots.LogProbability(order - 1, rest)));
        var d = Divergence(Math.Pow(10, ContextLog(slots, words[1..])), own, lower, Math.Pow(10, slots.LogBackoff(order - 1, context)), all.Own[context], all.Lower[context]);
        return Math.Exp(d) - 1;
    }

    // By the chain rule. A sequence begins as often as one ends.
    private static double ContextLog(NGramSlots slots, ReadOnlySpan<int> latestFirst)
    {
        var sum = 0.0;
        for (var i = 0; i < latestFirst.Length; i++)
            sum += latestFirst[i] != slots.Begin ? slots.LogProbability(latestFirst[i..]) : slots.End >= 0 ? slots.LogProbability(1, slots.End) : -Math.Log10(slots.VocabSize);
        return sum;
    }

    private static void Rewrite(Workspace workspace, NGramTable table, NGramSlots slots, int order, bool[] kept, double[]? weights)
    {
        var (layout, old) = (table.Layout, table.Orders[order - 1]);
        var store = new RecordStore<WeightedNGram>(workspace);
        Span<int> words = stackalloc int[order];
        using (var reader = old.Read())
        {
            while (reader.MoveNext())
            {
                ref readonly var gram = ref reader.Current;
                for (var i = 0; i < order; i++) words[i] = layout.Word(gram.Key, order - 1 - i);
                var slot = slots.Find(words);
                if (order > 1 && !kept[slot]) continue;
                store.Add(weights is null || double.IsNaN(weights[slot]) ? gram : gram with { LogBackoff = weights[slot] });
            }
        }
        table.Orders[order - 1] = store.Seal();
        old.Dispose();
    }
}
