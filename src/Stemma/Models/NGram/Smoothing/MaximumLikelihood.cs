namespace Stemma.Models.NGram;

/// <summary>p(w|h) = c(hw)/c(h): relative frequencies. What was never seen after a seen context is impossible; a context that was never seen is shortened.</summary>
public sealed record MaximumLikelihood : Smoothing
{
    internal override string MethodName => "maximum likelihood";

    internal override OrderParameters Fit(int order, CountsOfCounts statistics, int predictedCount, Action<string> warn) => default;
}
