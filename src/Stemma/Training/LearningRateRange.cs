using System.Runtime.CompilerServices;
using Stemma.Schedules;

namespace Stemma.Training;

/// <summary>
/// The learning-rate range test: the rate rises by equal factors from one end to the other while the model trains; where the loss
/// falls fastest, and where it stops falling, say which rates are worth a run. Smith 2015, arXiv:1506.01186, section 3.3.
/// </summary>
/// <param name="LowestRate">The first rate, above 0.</param>
/// <param name="HighestRate">The last rate, above <paramref name="LowestRate"/>.</param>
/// <param name="Steps">Updates over the whole range, ≥ 2.</param>
public sealed record LearningRateRange(double LowestRate = 1e-6, double HighestRate = 1, int Steps = 200)
{
    /// <summary>How much of the running mean of losses is kept from step to step.</summary>
    private const double Smoothing = 0.9;

    /// <summary>The loss has diverged when its running mean is this many times the least one so far.</summary>
    private const double Divergence = 4;

    /// <summary>Trains while the rate rises, until the end or until the loss diverges. Nothing is saved.</summary>
    /// <param name="run">Everything but the schedule and the length.</param>
    /// <param name="options">Threads and progress.</param>
    /// <param name="cancellation">Ends the stream after the step under way.</param>
    /// <exception cref="ConfigurationException">The run cannot be, or the range is none.</exception>
    public async IAsyncEnumerable<LearningRatePoint> Run(TrainingRun run, SessionOptions? options = null, [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(run);
        if (!(LowestRate > 0 && HighestRate > LowestRate && double.IsFinite(HighestRate))) throw new ConfigurationException($"The learning rate cannot rise from {LowestRate} to {HighestRate}; give two positive numbers, the lower first.");
        if (Steps < 2) throw new ConfigurationException($"A range test of {Steps} steps tells nothing; give at least 2.");
        // The run is longer than the test, by more than the trainer runs ahead: it never comes to its end, where it would be evaluated.
        var length = Steps + 64;
        var schedule = new ExponentialSchedule { LearningRate = LowestRate, FinalLearningRate = LowestRate * Math.Pow(HighestRate / LowestRate, (double)length / (Steps - 1)), WarmupSteps = 0 };
        var whole = run with { Schedule = schedule, Steps = length, EvaluationInterval = 0, Patience = 0 };
        using var session = await Task.Run(() => TrainingSession.Start(whole, null, options, cancellation), cancellation).ConfigureAwait(false);
        var (mean, weight, least) = (0.0, 0.0, double.PositiveInfinity);
        await using var steps = session.Steps(cancellation).GetAsyncEnumerator(cancellation);
        for (var i = 0; i < Steps && await Next(steps).ConfigureAwait(false); i++)
        {
            var step = steps.Current;
            (mean, weight) = (Smoothing * mean + (1 - Smoothing) * step.Loss, Smoothing * weight + (1 - Smoothing));
            var smoothed = mean / weight;
            yield return new(step.LearningRate, step.Loss, smoothed);
            least = Math.Min(least, smoothed);
            if (smoothed > Divergence * least) yield break;
        }
    }

    // A loss that is no number any more is the end of the test, not a failure of it.
    private static async Task<bool> Next(IAsyncEnumerator<TrainingStep> steps)
    {
        try
        {
            return await steps.MoveNextAsync().ConfigureAwait(false);
        }
        catch (TrainingFailedException)
        {
            return false;
        }
    }
}

/// <summary>One step of a range test.</summary>
/// <param name="LearningRate">The rate of the update.</param>
/// <param name="Loss">The batch's loss before it, in nats per token.</param>
/// <param name="SmoothedLoss">The running mean up to it.</param>
public readonly record struct LearningRatePoint(double LearningRate, double Loss, double SmoothedLoss);
