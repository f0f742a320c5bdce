using System.Text.Json.Serialization;

namespace Stemma.Schedules;

/// <summary>How the learning rate moves over a run. Steps beyond the run's length hold the final rate.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(ConstantSchedule), "constant")]
[JsonDerivedType(typeof(LinearSchedule), "linear")]
[JsonDerivedType(typeof(CosineSchedule), "cosine")]
[JsonDerivedType(typeof(ExponentialSchedule), "exponential")]
[JsonDerivedType(typeof(InverseSquareRootSchedule), "inverse_square_root")]
[JsonDerivedType(typeof(WarmupStableDecaySchedule), "warmup_stable_decay")]
[JsonDerivedType(typeof(StepSchedule), "step")]
public abstract record Schedule
{
    /// <summary>The highest rate; the first one where the rate rises.</summary>
    public double LearningRate { get; init; } = 1e-3;

    /// <summary>Steps over which the rate rises linearly from 0 to <see cref="LearningRate"/>.</summary>
    public int WarmupSteps { get; init; } = 100;

    /// <summary>The rate in force for one update.</summary>
    /// <param name="step">0 for the first update.</param>
    /// <param name="totalSteps">The length of the run, in updates.</param>
    public double Rate(int step, int totalSteps)
    {
        step = Math.Min(step, totalSteps);
        return step < WarmupSteps ? LearningRate * step / WarmupSteps : AfterWarmup(step, totalSteps);
    }

    /// <summary>The rate after the warm-up.</summary>
    /// <param name="step">At least <see cref="WarmupSteps"/>, at most <paramref name="totalSteps"/>.</param>
    /// <param name="totalSteps">The length of the run, in updates.</param>
    protected abstract double AfterWarmup(int step, int totalSteps);
}
