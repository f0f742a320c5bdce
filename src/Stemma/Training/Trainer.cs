using System.Runtime.CompilerServices;

namespace Stemma.Training;

/// <summary>Trains a model in one line; <see cref="TrainingSession"/> gives the model, the data and the results too.</summary>
public static class Trainer
{
    /// <summary>Runs a training run from beginning to end, as a stream of its steps.</summary>
    /// <param name="run">What to do.</param>
    /// <param name="folder">Where to save; null saves nothing.</param>
    /// <param name="options">Threads and progress.</param>
    /// <param name="cancellation">Ends the stream after the step under way; a run with a folder is saved first.</param>
    public static async IAsyncEnumerable<TrainingStep> Run(
        TrainingRun run, string? folder = null, SessionOptions? options = null, [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        using var session = await Task.Run(() => TrainingSession.Start(run, folder, options, cancellation), cancellation).ConfigureAwait(false);
        await foreach (var step in session.Steps(cancellation).ConfigureAwait(false)) yield return step;
    }
}
