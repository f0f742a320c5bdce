namespace Stemma.Schedules;

/// <summary>A straight line from the highest rate to <see cref="FinalLearningRate"/> at the end of the run.</summary>
public sealed record LinearSchedule : Schedule
{
    /// <summary>The rate at the end of the run.</summary>
    public double FinalLearningRate { get; init; }

    /// <inheritdoc/>
    protected override double AfterWarmup(int step, int totalSteps)
    {
        var progress = (double)(step - WarmupSteps) / Math.Max(1, totalSteps - WarmupSteps);
        return LearningRate + (FinalLearningRate - LearningRate) * progress;
    }
}
