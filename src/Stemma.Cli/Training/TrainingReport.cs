using Stemma.Training;

namespace Stemma.Cli.Training;

/// <summary>Tells what a training run does.</summary>
internal abstract class TrainingReport
{
    /// <summary>Before the first step.</summary>
    public abstract void Begin();

    /// <summary>After a step.</summary>
    public abstract void Step(TrainingStep step);

    /// <summary>When the run was stopped from outside, after it was saved.</summary>
    public abstract void Interrupted();

    /// <summary>When the run has ended.</summary>
    public abstract void End(TrainingSummary summary);
}

/// <summary>What is known at the end of a run beyond its session.</summary>
/// <param name="WasFinished">Whether the run had ended before this command began.</param>
/// <param name="StoppedEarly">Whether it ended before its last step.</param>
/// <param name="Baseline">What general compressors make of the same held-out bytes.</param>
/// <param name="Prompt">A text worth continuing.</param>
internal sealed record TrainingSummary(bool WasFinished, bool StoppedEarly, CompressionBaseline Baseline, string Prompt);
