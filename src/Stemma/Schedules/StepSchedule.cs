namespace Stemma.Schedules;

/// <summary>The highest rate for <see cref="StableSteps"/>, then times <see cref="Factor"/> at once and again after every <see cref="IntervalSteps"/>: an epoch at a time, as Zaremba et al. 2014, arXiv:1409.2329, trained.</summary>
public sealed record StepSchedule : Schedule
{
    /// <summary>Updates before the first decay, the warm-up included.</summary>
    public int StableSteps { get; init; } = 1000;

    /// <summary>Updates from one decay to the next, ≥ 1.</summary>
    public int IntervalSteps { get; init; } = 1000;

    /// <summary>What a decay multiplies the rate by, 0 &lt; factor ≤ 1.</summary>
    public double Factor { get; init; } = 0.5;

    /// <inheritdoc/>
    protected override double AfterWarmup(int step, int totalSteps) =>
        step < StableSteps ? LearningRate : LearningRate * Math.Pow(Factor, 1 + (step - StableSteps) / IntervalSteps);
}
