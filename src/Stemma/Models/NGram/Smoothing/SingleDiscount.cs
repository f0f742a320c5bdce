namespace Stemma.Models.NGram;

/// <summary>The estimate of one discount for all counts of an order.</summary>
internal static class SingleDiscount
{
    /// <summary>Used where it cannot be estimated; between what large texts have for counts of 1 and for higher ones.</summary>
    public const double Fallback = 0.75;

    /// <summary>D = n₁/(n₁ + 2·n₂), the leaving-one-out estimate of Ney, Essen and Kneser 1994.</summary>
    public static OrderParameters Estimate(int order, CountsOfCounts n, Action<string> warn)
    {
        var discount = n.One / (n.One + (2.0 * n.Two));
        if (n.One == 0 || n.Two == 0)
        {
            warn($"No {order}-gram was seen exactly {(n.One == 0 ? "once" : "twice")}, so that its discount cannot be estimated; {Fallback} is used.");
            discount = Fallback;
        }
        return OrderParameters.Discount(discount, discount, discount);
    }
}
