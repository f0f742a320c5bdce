using Stemma.Training;

namespace Stemma.Cli.Training;

/// <summary>What <c>stemma train</c> was asked for.</summary>
/// <param name="Run">The run to start; null where one is resumed.</param>
/// <param name="Folder">Where it is saved, as a person wrote it.</param>
/// <param name="DryRun">Whether only the plan is wanted.</param>
/// <param name="Range">The range test that is wanted instead of a run.</param>
/// <param name="Budget">The time that decides the run's steps.</param>
internal sealed record TrainRequest(TrainingRun? Run, string Folder, bool DryRun, LearningRateRange? Range = null, TimeBudget? Budget = null)
{
    /// <summary>Whether an existing run goes on.</summary>
    public bool Resumes => Run is null;
}
