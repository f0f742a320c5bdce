namespace Stemma.Schedules;

/// <summary>From the first rate to <see cref="FinalLearningRate"/> by equal factors, up or down. Upwards it is the range test of Smith 2015, arXiv:1506.01186.</summary>
public sealed record ExponentialSchedule : Schedule
{
    /// <summary>The rate at the end of the run; above 0, as the first one.</summary>
    public double FinalLearningRate { get; init; } = 1e-4;

    /// <inheritdoc/>
    protected override double AfterWarmup(int step, int totalSteps) =>
        LearningRate * Math.Pow(FinalLearningRate / LearningRate, (double)(step - WarmupSteps) / Math.Max(1, totalSteps - WarmupSteps));
}
