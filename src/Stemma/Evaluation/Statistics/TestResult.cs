namespace Stemma.Evaluation.Statistics;

/// <summary>What a statistical test found.</summary>
/// <param name="Statistic">The test's own measure.</param>
/// <param name="PValue">The chance of one at least as extreme where nothing is the matter, both sides counted.</param>
public readonly record struct TestResult(double Statistic, double PValue);
