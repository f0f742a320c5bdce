using System.Diagnostics;

namespace Stemma.Training;

/// <summary>
/// As many updates as this machine makes in a given time. The time is turned once into a number of steps, by measuring a few of
/// them before the run; that number belongs to the run from then on, so that the run replays to the bit anywhere.
/// </summary>
/// <param name="Time">From the start of the preparation to the last evaluation.</param>
/// <param name="MostSteps">What a faster machine is held to.</param>
public sealed record TimeBudget(TimeSpan Time, int MostSteps = int.MaxValue)
{
    /// <summary>An evaluation of a token against an update with it: the forward pass is a third of a step; the rest is reserve.</summary>
    private const double EvaluationShare = 0.45;

    /// <summary>How much of the budget the measurement itself may take, and its longest time.</summary>
    private const double MeasuredShare = 0.05;

    private const int LeastMeasured = 3;
    private static readonly TimeSpan LongestMeasurement = TimeSpan.FromSeconds(6);

    /// <summary>The number of updates that fits: at least 1.</summary>
    /// <param name="run">Gives the batches and how often it is evaluated.</param>
    /// <param name="validationTokens">Tokens held out.</param>
    /// <param name="stepTime">How long an update takes.</param>
    /// <param name="elapsed">How much of the time is gone.</param>
    internal int Steps(TrainingRun run, long validationTokens, TimeSpan stepTime, TimeSpan elapsed)
    {
        var perToken = EvaluationShare * stepTime.TotalSeconds / ((double)run.BatchSize * run.AccumulationSteps * run.Model.ContextLength);
        var looked = run.EvaluationTokens == 0 ? validationTokens : Math.Min(run.EvaluationTokens, validationTokens);
        var perStep = stepTime.TotalSeconds + (run.EvaluationInterval == 0 ? 0 : perToken * looked / run.EvaluationInterval);
        var left = (Time - elapsed).TotalSeconds - perToken * (validationTokens + looked);
        return (int)Math.Clamp(Math.Floor(left / perStep), 1, MostSteps);
    }

    /// <summary>The usual time of an update, from the first ones of a run that is thrown away; zero if it has none.</summary>
    /// <param name="steps">The run, as long as it is asked.</param>
    internal TimeSpan Measure(IEnumerable<TrainingStep> steps)
    {
        var watch = Stopwatch.StartNew();
        var enough = TimeSpan.FromSeconds(Math.Min(LongestMeasurement.TotalSeconds, MeasuredShare * Time.TotalSeconds));
        List<double> times = [];
        foreach (var step in steps)
        {
            times.Add(step.Milliseconds);
            if (times.Count >= LeastMeasured && watch.Elapsed > enough) break;
        }
        // The first half pays for compilation. Of the rest the lower quartile: what else the machine does for a moment makes steps
        // slower, never faster, and must not shorten the whole run.
        var later = times.Skip(times.Count / 2).Order().ToList();
        return later.Count == 0 ? TimeSpan.Zero : TimeSpan.FromMilliseconds(later[later.Count / 4]);
    }
}
