using Stemma.Reporting;
using Stemma.Training.Encoders;

namespace Stemma.Reproductions.Encoders;

/// <summary>A small BERT pretrained on the documentation of .NET, then fine-tuned on parts of speech and on sentiment; beside it the same encoder from scratch, for as many steps.</summary>
internal static class PretrainingClaim
{
    private static readonly ulong[] s_seeds = [1, 2, 3];

    /// <summary>What the second number of updates gained.</summary>
    public const string LongTagGain = "part-of-speech accuracy gained, 10,000 updates", LongMoodGain = "sentiment accuracy gained, 10,000 updates";

    // The first number of updates was chosen beforehand and proved too small; the second was chosen after that.
    private const int Short = 2000, Long = EncoderRuns.LongUpdates;

    /// <summary>What is read beside the documentation.</summary>
    public static string[] Files { get; } =
        ["ud_ewt/en_ewt-ud-train.conllu.gz", "ud_ewt/en_ewt-ud-dev.conllu.gz", "ud_ewt/en_ewt-ud-test.conllu.gz", "sst2/train.tsv", "sst2/dev.tsv", "sst2/test.tsv"];

    public static Reproduction Measure(ReproductionContext context)
    {
        var (shortRun, longRun) = (EncoderRuns.Pretrain(context, "pretraining", EncoderRuns.Bert(Short)), EncoderRuns.Pretrain(context, EncoderRuns.LongName, EncoderRuns.Bert(Long)));
        var (tags, moods) = (Tags(context, shortRun.Folder!, fromScratch: false), Moods(context, shortRun.Folder!, fromScratch: false));
        var (longTags, longMoods) = (Tags(context, longRun.Folder!, fromScratch: false), Moods(context, longRun.Folder!, fromScratch: false));
        var (scratchTags, scratchMoods) = (Tags(context, shortRun.Folder!, fromScratch: true), Moods(context, shortRun.Folder!, fromScratch: true));
        return new()
        {
            Measurements =
            [
                Measurement.OfSeeds("part-of-speech accuracy (%), from scratch", scratchTags), Measurement.OfSeeds("part-of-speech accuracy (%), pretrained", tags), Measurement.OfSeeds($"part-of-speech accuracy (%), pretrained for {Long:N0} updates", longTags),
                Measurement.OfSeeds("part-of-speech accuracy gained", Gain(tags, scratchTags)), Measurement.OfSeeds(LongTagGain, Gain(longTags, scratchTags)),
                Measurement.OfSeeds("sentiment accuracy (%), from scratch", scratchMoods), Measurement.OfSeeds("sentiment accuracy (%), pretrained", moods), Measurement.OfSeeds($"sentiment accuracy (%), pretrained for {Long:N0} updates", longMoods),
                Measurement.OfSeeds("sentiment accuracy gained", Gain(moods, scratchMoods)), Measurement.OfSeeds(LongMoodGain, Gain(longMoods, scratchMoods)),
                new("accuracy of hidden tokens (%)", 100 * shortRun.BestMetric!.Value), new($"accuracy of hidden tokens (%) after {Long:N0} updates", 100 * longRun.BestMetric!.Value),
            ],
            Figures = new Dictionary<string, Figure>
            {
                ["pretraining"] = new Chart
                {
                    Title = "A task learned after pretraining and from scratch",
                    Subtitle = "test accuracy, three seeds, as many steps of fine-tuning",
                    X = new CategoryAxis("task", ["parts of speech", "sentiment"]),
                    Y = new LinearAxis("accuracy (%)") { Minimum = 40 },
                    Series =
                    [
                        new BarSeries("from scratch", Series.Values([scratchTags.Average(), scratchMoods.Average()])), new BarSeries($"{Short:N0} updates", Series.Values([tags.Average(), moods.Average()])),
                        new BarSeries($"{Long:N0} updates", Series.Values([longTags.Average(), longMoods.Average()])),
                    ],
                },
            },
            Notes = """
                Intervals are the least and the greatest of three seeds, which decide head, order and dropout (and all weights of the encoder from scratch). Encoder:
                2 blocks of 4 heads and 128 channels, 256 inside, byte-level BPE of 4,096 tokens; 2,000 updates of 32 texts of 64 tokens of the documentation of .NET,
                15 % of them hidden; after these had proved too few, 10,000 beside them. Fine-tuning: AdamW in batches of 32, rate 0.001 down a line; 2 epochs of UD English EWT, 3 of SST-2's sentences;
                measured on their test parts with the last weights.
                """,
        };
    }

    private static double[] Tags(ReproductionContext context, string encoder, bool fromScratch) => Accuracies(context, "ud_ewt", encoder, TuningTaskKind.Tag, fromScratch, 2, Files[..3]);

    private static double[] Moods(ReproductionContext context, string encoder, bool fromScratch) => Accuracies(context, "sst2", encoder, TuningTaskKind.Classify, fromScratch, 3, Files[3..]);

    private static double[] Accuracies(ReproductionContext context, string name, string encoder, TuningTaskKind task, bool fromScratch, int epochs, string[] files) => [.. s_seeds.Select(seed =>
        100 * EncoderRuns.Tune(context, name, EncoderRuns.Tuning(task, context.Data(files[0]), context.Data(files[1]), epochs) with { Encoder = encoder, FromScratch = fromScratch, Seed = seed }, context.Data(files[2]))["accuracy"])];

    private static double[] Gain(double[] tuned, double[] scratch) => [.. tuned.Zip(scratch, (one, other) => one - other)];
}
