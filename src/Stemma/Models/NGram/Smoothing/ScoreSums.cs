namespace Stemma.Models.NGram;

/// <summary>
/// What the scores of all words after a context sum to, for models whose scores are not probabilities:
/// Z(h) = Σ S(w|h) = (own scores after h) + factor · (Z(h′) − (lower scores of the same words)).
/// </summary>
internal sealed class ScoreSums
{
    // By order of the context, from 0; log10, by its place.
    private readonly float[][] _logSums;

    public ScoreSums(NGramSlots slots)
    {
        _logSums = new float[slots.Order][];
        var sum = 0.0;
        for (var token = 0; token < slots.VocabSize; token++)
            if (token != slots.Begin) sum += Math.Pow(10, slots.LogProbability(1, token));
        _logSums[0] = [(float)Math.Log10(sum)];
        for (var order = 1; order < slots.Order; order++)
        {
            var mass = ContextMass.Of(slots, order + 1);
            var (lower, sums) = (_logSums[order - 1], new float[slots.Count(order)]);
            for (var slot = 0L; slot < sums.Length; slot++)
            {
                if (!slots.IsTaken(order, slot)) continue;
                var shorter = Math.Pow(10, lower[order == 1 ? 0 : slots.Rest(order, slot)]);
                sums[slot] = (float)Math.Log10(mass.Own[slot] + (Math.Pow(10, slots.LogBackoff(order, slot)) * (shorter - mass.Lower[slot])));
            }
            _logSums[order] = sums;
        }
    }

    /// <summary>Log10 of the sum after a context of some order.</summary>
    public double Log10(int order, long slot) => _logSums[order][slot];
}
