using Stemma.Models.Bert;
using Stemma.Reporting;
using Stemma.Schedules;
using Stemma.Training;
using Stemma.Training.Encoders;

namespace Stemma.Reproductions.Transformers;

/// <summary>A small BERT pretrained on the documentation of .NET, then fine-tuned on parts of speech and on sentiment; beside it the same encoder from scratch, for as many steps.</summary>
internal static class PretrainingClaim
{
    private static readonly ulong[] s_seeds = [1, 2, 3];

    /// <summary>What is read beside the documentation.</summary>
    public static IReadOnlyList<string> Files { get; } =
        ["ud_ewt/en_ewt-ud-train.conllu.gz", "ud_ewt/en_ewt-ud-dev.conllu.gz", "ud_ewt/en_ewt-ud-test.conllu.gz", "sst2/train.tsv", "sst2/dev.tsv", "sst2/test.tsv"];

    public static Reproduction Measure(ReproductionContext context)
    {
        var folder = Path.Combine(context.RunsFolder, "pretraining");
        var threads = context.Device.ThreadCount;
        var run = new PretrainRun
        {
            Model = new BertConfig { LayerCount = 2, HeadCount = 4, HiddenSize = 128, IntermediateSize = 256, ContextLength = 128 },
            Data = "dotnet-docs",
            Schedule = new LinearSchedule { LearningRate = 1e-3, WarmupSteps = 100 },
            Steps = 2000,
            EvaluateEvery = 500,
            BatchSize = 32,
            MaxTokens = 64,
        };
        var session = RunFolder.Holds(folder) ? PretrainSession.Resume(folder, threads, null, context.Cancellation) : PretrainSession.Start(run, folder, threads, null, context.Cancellation);
        foreach (var step in session.Steps(context.Cancellation))
            if (step.HeldOut is { } score) context.Progress?.Report($"pretraining: step {step.Step.Number:N0} of {run.Steps:N0}, {score.MetricName} {score.Metric:0.0000}");
        context.Cancellation.ThrowIfCancellationRequested();

        var tags = Compare(context, folder, TuningTaskKind.Tag, "ud_ewt/en_ewt-ud-train.conllu.gz", "ud_ewt/en_ewt-ud-dev.conllu.gz", "ud_ewt/en_ewt-ud-test.conllu.gz", epochs: 2);
        var moods = Compare(context, folder, TuningTaskKind.Classify, "sst2/train.tsv", "sst2/dev.tsv", "sst2/test.tsv", epochs: 3);
        return new()
        {
            Measurements =
            [
                Measurement.OfSeeds("part-of-speech accuracy (%), pretrained", tags.Tuned), Measurement.OfSeeds("part-of-speech accuracy (%), from scratch", tags.Scratch), Measurement.OfSeeds("part-of-speech accuracy gained", Differences(tags)),
                Measurement.OfSeeds("sentiment accuracy (%), pretrained", moods.Tuned), Measurement.OfSeeds("sentiment accuracy (%), from scratch", moods.Scratch), Measurement.OfSeeds("sentiment accuracy gained", Differences(moods)),
                new("accuracy of hidden tokens (%)", 100 * session.BestMetric!.Value),
            ],
            Figures = new Dictionary<string, Figure>
            {
                ["pretraining"] = new Chart
                {
                    Title = "A task learned after pretraining and from scratch",
                    Subtitle = "test accuracy, three seeds, as many steps of fine-tuning",
                    X = new CategoryAxis("task", ["parts of speech", "sentiment"]),
                    Y = new LinearAxis("accuracy (%)") { Minimum = 40 },
                    Series = [new BarSeries("pretrained", Series.Values([tags.Tuned.Average(), moods.Tuned.Average()])), new BarSeries("from scratch", Series.Values([tags.Scratch.Average(), moods.Scratch.Average()]))],
                },
            },
            Notes = """
                Intervals are the least and the greatest of three seeds, which decide head, order and dropout (and all weights of the encoder from scratch). Encoder:
                2 blocks of 4 heads and 128 channels, 256 inside, byte-level BPE of 4,096 tokens; 2,000 updates of 32 texts of 64 tokens of the documentation of .NET,
                15 % of them hidden. Fine-tuning: AdamW in batches of 32, rate 0.001 down a line; 2 epochs of UD English EWT, 3 of SST-2's sentences;
                measured on their test parts with the last weights.
                """,
        };
    }

    private static (double[] Tuned, double[] Scratch) Compare(ReproductionContext context, string encoder, TuningTaskKind task, string train, string valid, string test, int epochs)
    {
        return (Accuracies(fromScratch: false), Accuracies(fromScratch: true));

        double[] Accuracies(bool fromScratch) => [.. s_seeds.Select(seed =>
        {
            var session = TuningSession.Start(new()
            {
                Encoder = encoder,
                FromScratch = fromScratch,
                Task = task,
                Train = context.Data(train),
                Valid = context.Data(valid),
                Schedule = new LinearSchedule { LearningRate = 1e-3, WarmupSteps = 50 },
                Epochs = epochs,
                MaxTokens = 64,
                Seed = seed,
            }, threads: context.Device.ThreadCount);
            foreach (var _ in session.Steps(context.Cancellation)) ;
            context.Cancellation.ThrowIfCancellationRequested();
            var accuracy = 100 * session.Task.Measure(context.Data(test)).Metrics[0].Value;
            context.Progress?.Report($"{task}, seed {seed}{(fromScratch ? ", from scratch" : "")}: {accuracy:0.00} %");
            return accuracy;
        })];
    }

    private static double[] Differences((double[] Tuned, double[] Scratch) pair) => [.. pair.Tuned.Zip(pair.Scratch, (tuned, scratch) => tuned - scratch)];
}
