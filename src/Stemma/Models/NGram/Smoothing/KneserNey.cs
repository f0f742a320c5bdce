namespace Stemma.Models.NGram;

/// <summary>
/// Absolute discounting whose lower orders count after how many different words an n-gram was seen instead of how often, interpolated.
/// Kneser and Ney 1995; Chen and Goodman 1998, section 4.1.6.
/// </summary>
public sealed record KneserNey : Smoothing
{
    internal override string MethodName => "Kneser–Ney";

    internal override bool UsesContinuationCounts => true;

    internal override OrderParameters Fit(int order, CountsOfCounts statistics, int predictedCount, Action<string> warn) => SingleDiscount.Estimate(order, statistics, warn);
}
