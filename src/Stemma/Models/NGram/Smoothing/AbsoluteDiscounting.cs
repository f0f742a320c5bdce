namespace Stemma.Models.NGram;

/// <summary>
/// The same D is taken from every count and given to the lower order: p(w|h) = max(c(hw) − D, 0)/c(h) + D·T(h)/c(h)·p(w|h′), with
/// D = n₁/(n₁ + 2·n₂) for each order. Ney, Essen and Kneser 1994.
/// </summary>
public sealed record AbsoluteDiscounting : Smoothing
{
    internal override string MethodName => "absolute discounting";

    internal override OrderParameters Fit(int order, CountsOfCounts statistics, int predictedCount, Action<string> warn) => SingleDiscount.Estimate(order, statistics, warn);
}
