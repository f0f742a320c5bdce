namespace Stemma.Models.NGram;

/// <summary>What the words known after each context of one order come to: their own probabilities, and those they would have without the context's first word.</summary>
/// <param name="Own">Σ p(w|h), by the place of h.</param>
/// <param name="Lower">Σ p(w|h′) over the same words.</param>
internal readonly record struct ContextMass(double[] Own, double[] Lower)
{
    /// <summary>The sums over the n-grams of an order ≥ 2; the contexts are of one order less.</summary>
    /// <param name="slots">The model.</param>
    /// <param name="order">The n-grams'.</param>
    /// <param name="counts">Which of their places count; all when null.</param>
    public static ContextMass Of(NGramSlots slots, int order, bool[]? counts = null)
    {
        var mass = new ContextMass(new double[slots.Count(order - 1)], new double[slots.Count(order - 1)]);
        Span<int> words = stackalloc int[order];
        for (var slot = 0L; slot < slots.Count(order); slot++)
        {
            if (!slots.IsTaken(order, slot) || counts?[slot] == false) continue;
            slots.Words(order, slot, words);
            var context = slots.Find(words[1..]);
            if (context < 0) continue;
            mass.Own[context] += Math.Pow(10, slots.LogProbability(order, slot));
            mass.Lower[context] += Math.Pow(10, slots.LogProbability(order - 1, slots.Rest(order, slot)));
        }
        return mass;
    }
}
