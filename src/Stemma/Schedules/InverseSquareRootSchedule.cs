namespace Stemma.Schedules;

/// <summary>The highest rate · √(warm-up / step). Vaswani et al. 2017, arXiv:1706.03762, eq. 3.</summary>
public sealed record InverseSquareRootSchedule : Schedule
{
    /// <inheritdoc/>
    protected override double AfterWarmup(int step, int totalSteps)
    {
        var scale = WarmupSteps > 0 ? WarmupSteps : 10_000;
        return LearningRate / Math.Sqrt((double)(step + scale - WarmupSteps) / scale);
    }
}
