namespace Stemma.Schedules;

/// <summary>The same rate after the warm-up.</summary>
public sealed record ConstantSchedule : Schedule
{
    /// <inheritdoc/>
    protected override double AfterWarmup(int step, int totalSteps) => LearningRate;
}
