namespace Stemma.Models.NGram;

/// <summary>
/// p(w|h) = (c(hw) + T(h)·p(w|h′)) / (c(h) + T(h)), where T(h) is the number of different words seen after h: a new word is as likely as
/// new words were so far. Witten and Bell 1991, method C; interpolated as in Chen and Goodman 1998, section 2.5.
/// </summary>
public sealed record WittenBell : Smoothing
{
    internal override string MethodName => "Witten–Bell";

    internal override OrderParameters Fit(int order, CountsOfCounts statistics, int predictedCount, Action<string> warn) => OrderParameters.Reserve(1, 0);
}
