namespace Stemma.Models.NGram;

/// <summary>
/// Kneser–Ney with discounts of their own for counts of 1, 2, and 3 or more, interpolated. Chen and Goodman 1998, equation 26:
/// Y = n₁/(n₁ + 2·n₂), D₁ = 1 − 2Y·n₂/n₁, D₂ = 2 − 3Y·n₃/n₂, D₃ = 3 − 4Y·n₄/n₃.
/// </summary>
public sealed record ModifiedKneserNey : Smoothing
{
    /// <summary>By order, from 1: what is taken from counts, where it is not to be estimated. Empty, or one for each order.</summary>
    public IReadOnlyList<Discount> Discounts { get; init; } = [];

    internal override string MethodName => "modified Kneser–Ney";

    internal override bool UsesContinuationCounts => true;

    /// <inheritdoc/>
    public override void Validate(int order)
    {
        if (Discounts.Count > 0 && Discounts.Count != order) throw new ConfigurationException($"There are {Discounts.Count} discounts for an order of {order}; give one for each order, or none.");
        for (var i = 0; i < Discounts.Count; i++)
            if (Discounts[i] is not { One: >= 0 and <= 1, Two: >= 0 and <= 2, ThreeOrMore: >= 0 and <= 3 })
                throw new ConfigurationException($"The discounts of {i + 1}-grams are {Discounts[i].One}, {Discounts[i].Two} and {Discounts[i].ThreeOrMore}; they lie between 0 and 1, 2 and 3.");
    }

    internal override OrderParameters Fit(int order, CountsOfCounts statistics, int predictedCount, Action<string> warn)
    {
        if (Discounts.Count > 0) return OrderParameters.Discount(Discounts[order - 1].One, Discounts[order - 1].Two, Discounts[order - 1].ThreeOrMore);
        return Estimate(order, statistics, warn);
    }

    /// <summary>The discounts of an order from how many n-grams were seen how often.</summary>
    internal static OrderParameters Estimate(int order, CountsOfCounts statistics, Action<string> warn)
    {
        var (n1, n2, n3, n4) = ((double)statistics.One, (double)statistics.Two, (double)statistics.Three, (double)statistics.Four);
        var y = n1 / (n1 + (2 * n2));
        var (one, two, three) = (1 - (2 * y * n2 / n1), 2 - (3 * y * n3 / n2), 3 - (4 * y * n4 / n3));
        if (n1 > 0 && n2 > 0 && n3 > 0 && one is >= 0 and <= 1 && two is >= 0 and <= 2 && three is >= 0 and <= 3) return OrderParameters.Discount(one, two, three);
        // The values that KenLM's lmplz falls back to.
        warn($"The discounts of {order}-grams cannot be estimated from how many were seen once ({n1}), twice ({n2}), three ({n3}) and four times ({n4}), as in small or artificial texts; 0.5, 1 and 1.5 are used.");
        return OrderParameters.Discount(0.5, 1, 1.5);
    }
}

/// <summary>What modified Kneser–Ney takes from the counts of an order.</summary>
/// <param name="One">From a count of 1; between 0 and 1.</param>
/// <param name="Two">From a count of 2; between 0 and 2.</param>
/// <param name="ThreeOrMore">From larger counts; between 0 and 3.</param>
public readonly record struct Discount(double One, double Two, double ThreeOrMore);
