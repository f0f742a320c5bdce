using Stemma.Reporting;
using Stemma.Training.Encoders;

namespace Stemma.Reproductions.Encoders;

/// <summary>Named entities in noisy text, by an encoder that was pretrained and by one from scratch in as many steps.</summary>
internal static class EntityClaim
{
    public const string F1 = "entity F1 (%)";

    private const string Folder = "wnut17";

    /// <summary>Train, dev and test.</summary>
    public static IReadOnlyList<string> Files { get; } = [$"{Folder}/wnut17train.conll", $"{Folder}/emerging.dev.conll", $"{Folder}/emerging.test.annotated"];

    public static Reproduction Measure(ReproductionContext context) => Measure(context, EncoderRuns.Bert(EncoderRuns.LongUpdates), epochs: 5, seeds: [1, 2, 3, 4, 5]);

    internal static Reproduction Measure(ReproductionContext context, PretrainRun encoder, int epochs, IReadOnlyList<ulong> seeds)
    {
        var folder = EncoderRuns.Pretrain(context, EncoderRuns.LongName, encoder).Folder!;
        var run = EncoderRuns.Tuning(TuningTaskKind.Tag, context.Data(Files[0]), context.Data(Files[1]), epochs) with { Encoder = folder, MaxTokens = encoder.Model.ContextLength };
        var (scratch, tuned) = (Scores(fromScratch: true), Scores(fromScratch: false));
        double[] OfAll(IReadOnlyDictionary<string, double>[] scores, string metric) => [.. scores.Select(score => 100 * score[metric])];
        return new()
        {
            Measurements =
            [
                .. SeedComparison.Of(F1, ("from scratch", OfAll(scratch, "entity_f1")), ("pretrained", OfAll(tuned, "entity_f1"))),
                Measurement.OfSeeds("precision (%), pretrained", OfAll(tuned, "precision")), Measurement.OfSeeds("recall (%), pretrained", OfAll(tuned, "recall")),
            ],
            Figures = new Dictionary<string, Figure>
            {
                ["entities-wnut17"] = new Chart
                {
                    Title = "Entities in noisy text",
                    Subtitle = "entity F1 on WNUT 2017's test part, a dot for each seed",
                    X = new LinearAxis("seed"),
                    Y = new LinearAxis("entity F1 (%)") { Minimum = 0 },
                    Series = [Dots("from scratch", scratch), Dots("pretrained", tuned)],
                },
            },
            Notes = $"""
                {SeedComparison.Note} An entity counts if its type and both its ends are right (the rules of conlleval and seqeval). The encoder is that of the
                claim `pretraining` after {encoder.Steps:N0} updates; {epochs} epochs of AdamW in batches of 32, rate 0.001 down a line, up to {run.MaxTokens} tokens a sentence; the last
                weights. So small an encoder, from so little text that is none of its kind, is far from the systems of the shared task (Derczynski et al. 2017).
                """,
        };

        IReadOnlyDictionary<string, double>[] Scores(bool fromScratch) => [.. seeds.Select(seed => EncoderRuns.Tune(context, Folder, run with { FromScratch = fromScratch, Seed = seed }, context.Data(Files[2])))];

        PointSeries Dots(string name, IReadOnlyDictionary<string, double>[] scores) => new(name, [.. seeds.Zip(scores, (seed, score) => new ChartPoint(seed, 100 * score["entity_f1"]))]);
    }
}
