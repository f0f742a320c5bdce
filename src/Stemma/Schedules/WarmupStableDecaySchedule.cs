namespace Stemma.Schedules;

/// <summary>The highest rate until the last <see cref="DecaySteps"/>, then half a cosine down. Hu et al. 2024 (MiniCPM), arXiv:2404.06395.</summary>
public sealed record WarmupStableDecaySchedule : Schedule
{
    /// <summary>Updates at the end over which the rate falls; all after the warm-up where that is fewer.</summary>
    public int DecaySteps { get; init; } = 200;

    /// <summary>The rate at the end of the run.</summary>
    public double FinalLearningRate { get; init; }

    /// <inheritdoc/>
    protected override double AfterWarmup(int step, int totalSteps)
    {
        var decaySteps = Math.Min(DecaySteps, totalSteps - WarmupSteps);
        var left = totalSteps - step;
        if (left >= decaySteps) return LearningRate;
        var progress = 1 - (double)left / decaySteps;
        return FinalLearningRate + (LearningRate - FinalLearningRate) * 0.5 * (1 + Math.Cos(Math.PI * progress));
    }
}
