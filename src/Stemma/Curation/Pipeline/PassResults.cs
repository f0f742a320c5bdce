namespace Stemma.Curation;

/// <summary>What the passes of a build left.</summary>
/// <param name="Passes">The passes.</param>
/// <param name="Steps">What each step did.</param>
/// <param name="Reading">What each input gave.</param>
/// <param name="Parts">How many parts the documents are in.</param>
internal sealed record PassResults(List<PassArtefact> Passes, StepReport[] Steps, List<ReadingReport> Reading, int Parts);
