namespace Stemma.Schedules;

/// <summary>Half a cosine from the highest rate to <see cref="FinalLearningRate"/>. Loshchilov &amp; Hutter 2016, arXiv:1608.03983, without restarts.</summary>
public sealed record CosineSchedule : Schedule
{
    /// <summary>The rate at the end of the run.</summary>
    public double FinalLearningRate { get; init; } = 1e-4;

    /// <inheritdoc/>
    protected override double AfterWarmup(int step, int totalSteps)
    {
        var progress = (double)(step - WarmupSteps) / Math.Max(1, totalSteps - WarmupSteps);
        return FinalLearningRate + (LearningRate - FinalLearningRate) * 0.5 * (1 + Math.Cos(Math.PI * progress));
    }
}
