using Stemma.Models.Bert;
using Stemma.Schedules;
using Stemma.Training;
using Stemma.Training.Encoders;

namespace Stemma.Reproductions.Encoders;

/// <summary>What claims of encoders share: one pretraining that several begin from, and fine-tuning; both saved, resumed and, where they are done, not done again.</summary>
internal static class EncoderRuns
{
    /// <summary>The folder of the BERT that learned for <see cref="LongUpdates"/>.</summary>
    public const string LongName = "pretraining-long";

    /// <summary>Its updates.</summary>
    public const int LongUpdates = 10_000;

    /// <summary>A small BERT on the documentation of .NET.</summary>
    public static PretrainRun Bert(int updates) => new()
    {
        Model = new BertConfig { LayerCount = 2, HeadCount = 4, HiddenSize = 128, IntermediateSize = 256, ContextLength = 128 },
        Data = "dotnet-docs",
        Schedule = new LinearSchedule { LearningRate = 1e-3, WarmupSteps = 100 },
        Steps = updates,
        EvaluateEvery = 500,
        BatchSize = 32,
        MaxTokens = 64,
    };

    /// <summary>Fine-tuning at the rate that all these claims use.</summary>
    public static TuningRun Tuning(TuningTaskKind task, string train, string valid, int epochs) => new()
    {
        Task = task,
        Train = train,
        Valid = valid,
        Schedule = new LinearSchedule { LearningRate = 1e-3, WarmupSteps = 50 },
        Epochs = epochs,
        MaxTokens = 64,
    };

    /// <summary>Pretrains, or goes on where the same run was stopped.</summary>
    /// <param name="context">Where runs lie.</param>
    /// <param name="name">The run's folder.</param>
    /// <param name="run">What to do.</param>
    /// <exception cref="ConfigurationException">The folder holds another run.</exception>
    public static PretrainSession Pretrain(ReproductionContext context, string name, PretrainRun run)
    {
        var folder = Path.Combine(context.RunsFolder, name);
        var threads = context.Device.ThreadCount;
        var session = RunFolder.Holds(folder) ? PretrainSession.Resume(folder, threads, null, context.Cancellation) : PretrainSession.Start(run, folder, threads, null, context.Cancellation);
        if (session.Run != run) throw Other(folder);
        foreach (var step in session.Steps(context.Cancellation))
            if (step.HeldOut is { } score) context.Progress?.Report($"{name}: step {step.Step.Number:N0} of {run.Steps:N0}, {score.MetricName} {score.Metric:0.0000}");
        context.Cancellation.ThrowIfCancellationRequested();
        return session;
    }

    /// <summary>Fine-tunes, or goes on, and measures the last weights.</summary>
    /// <param name="context">Where runs lie.</param>
    /// <param name="name">Of the labelled data; with encoder and seed the run's folder.</param>
    /// <param name="run">What to do: the encoder's folder, whether its weights are made anew, the seed.</param>
    /// <param name="test">The file that is measured.</param>
    /// <returns>The task's metrics by name.</returns>
    /// <exception cref="ConfigurationException">The folder holds another run.</exception>
    public static IReadOnlyDictionary<string, double> Tune(ReproductionContext context, string name, TuningRun run, string test)
    {
        var what = $"{name}, {(run.FromScratch ? "from scratch" : Path.GetFileName(run.Encoder))}, seed {run.Seed}";
        var folder = Path.Combine(context.RunsFolder, "tuned", $"{name}-{(run.FromScratch ? "scratch" : Path.GetFileName(run.Encoder))}-{run.Seed}");
        var threads = context.Device.ThreadCount;
        var session = RunFolder.Holds(folder) ? TuningSession.Resume(folder, threads) : TuningSession.Start(run, folder, threads);
        if (session.Run != run) throw Other(folder);
        foreach (var _ in session.Steps(context.Cancellation)) ;
        context.Cancellation.ThrowIfCancellationRequested();
        var metrics = session.Task.Measure(test).Metrics;
        context.Progress?.Report($"{what}: {metrics[0].Name} {100 * metrics[0].Value:0.00} %");
        return metrics.ToDictionary(metric => metric.Name, metric => metric.Value);
    }

    private static ConfigurationException Other(string folder) => new($"{folder} holds another run than this claim states. Remove it, or choose another place with --runs.");
}
