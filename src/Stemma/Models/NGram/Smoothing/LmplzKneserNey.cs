namespace Stemma.Models.NGram;

/// <summary>
/// <see cref="ModifiedKneserNey"/> to the digits of KenLM's <c>lmplz</c> (Heafield et al. 2013). Its counts of counts differ from the
/// paper's in one n-gram of each lower order, the last of the sorted stream: that counts as often as it was seen, where Kneser–Ney has the
/// number of different words before it. A large text does not feel it; for files that must be equal to those that <c>lmplz</c> makes.
/// </summary>
public sealed record LmplzKneserNey : Smoothing
{
    internal override string MethodName => "modified Kneser–Ney of lmplz";

    internal override bool UsesContinuationCounts => true;

    internal override bool CountsLastAsSeen => true;

    internal override OrderParameters Fit(int order, CountsOfCounts statistics, int predictedCount, Action<string> warn) => ModifiedKneserNey.Estimate(order, statistics, warn);
}
