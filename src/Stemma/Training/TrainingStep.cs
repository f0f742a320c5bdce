namespace Stemma.Training;

/// <summary>One update of the weights.</summary>
/// <param name="Number">1 for the first.</param>
/// <param name="Loss">The batch's mean cross-entropy before the update, in nats per token.</param>
/// <param name="LearningRate">The rate of the update.</param>
/// <param name="GradientNorm">The norm of all gradients together, before clipping.</param>
/// <param name="Milliseconds">Wall-clock time of the update, evaluations not included.</param>
/// <param name="TokensPerSecond">Training tokens per second.</param>
/// <param name="ModelFlopUtilisation">The model's operations per second ÷ the processor's measured peak at the run's precision, see <see cref="Stemma.Numerics.MachinePeak"/>: of bfloat16 products where the run rounds to bfloat16, though attention and all else that is no matrix product stay float32.</param>
public sealed record TrainingStep(
    int Number, double Loss, double LearningRate, double GradientNorm, double Milliseconds, double TokensPerSecond, double ModelFlopUtilisation)
{
    /// <summary>What of this step stands out from those before it: a spike of the loss, or of the gradient.</summary>
    public Instability Instability { get; init; }

    /// <summary>How the held-out text is predicted after this update, where it was measured.</summary>
    public Evaluation.Evaluation? Evaluation { get; init; }

    /// <summary>Whether that is the best so far.</summary>
    public bool IsBest { get; init; }

    /// <summary>What the model now writes, where a sample was taken.</summary>
    public string? Sample { get; init; }
}
