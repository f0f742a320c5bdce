using System.Text.Json.Nodes;
using Stemma.Numerics.Formats;
using Stemma.Reporting;
using Stemma.Training.Encoders;
using Stemma.Training.Pairs;

namespace Stemma.Reproductions.Encoders;

/// <summary>Questions whose answers stand in a text, by an encoder that was pretrained and by one from scratch in as many steps; no article is both learned from and asked about.</summary>
internal static class QuestionClaim
{
    public const string F1 = "answer F1 (%)", Exact = "exact match (%)", DataFile = "xquad/xquad.en.json.gz";

    private const string Name = "questions-xquad";

    private const int HeldOut = 3;

    public static Reproduction Measure(ReproductionContext context) => Measure(context, EncoderRuns.Bert(EncoderRuns.LongUpdates), epochs: 10, folds: 5);

    internal static Reproduction Measure(ReproductionContext context, PretrainRun encoder, int epochs, int folds)
    {
        var folder = EncoderRuns.Pretrain(context, EncoderRuns.LongName, encoder).Folder!;
        var parts = Split(context.Data(DataFile), Path.Combine(context.RunsFolder, Name), folds);
        var (scratch, tuned) = (Scores(fromScratch: true), Scores(fromScratch: false));
        double[] OfAll(IReadOnlyDictionary<string, double>[] scores, string metric) => [.. scores.Select(score => 100 * score[metric])];
        return new()
        {
            Measurements =
            [
                .. SeedComparison.Of(F1, ("from scratch", OfAll(scratch, "f1")), ("pretrained", OfAll(tuned, "f1"))),
                .. SeedComparison.Of(Exact, ("from scratch", OfAll(scratch, "exact_match")), ("pretrained", OfAll(tuned, "exact_match"))),
                new("questions asked, all folds", parts.Sum(part => LabelledFiles.Questions(part.Test).Count)),
            ],
            Figures = new Dictionary<string, Figure>
            {
                [Name] = new Chart
                {
                    Title = "Answers in texts",
                    Subtitle = $"mean over {folds} folds of XQuAD's English articles, least and greatest",
                    X = new CategoryAxis("measure", ["F1", "exact match"]),
                    Y = new LinearAxis("%") { Minimum = 0 },
                    Series = [Bars("from scratch", scratch), Bars("pretrained", tuned)],
                },
            },
            Notes = $"""
                {SeedComparison.Note} Here a seed goes with a fold: XQuAD's 48 English articles (1,190 questions, which are from the dev part of SQuAD 1.1) are cut
                into {folds} parts by article, article i into part i mod {folds}; each part is asked about once, by models that learned from the others, of which {HeldOut} articles are
                held out to watch. The differences of folds share most of what was learned from, so the interval is somewhat too narrow. The encoder is that of the claim
                `pretraining` after {encoder.Steps:N0} updates; {epochs} epochs of AdamW in batches of 32, rate 0.001 down a line; windows of {encoder.MaxTokens} tokens that overlap by half, as many as the encoder's
                pretraining read at once; the last weights. Real systems learn this task from SQuAD's 87,599 questions.
                """,
        };

        IReadOnlyDictionary<string, double>[] Scores(bool fromScratch) =>
        [
            .. parts.Select((part, fold) =>
            {
                var run = EncoderRuns.Tuning(TuningTaskKind.Qa, part.Train, part.Valid, epochs) with { Encoder = folder, FromScratch = fromScratch, MaxTokens = encoder.MaxTokens, Seed = (ulong)fold + 1 };
                return EncoderRuns.Tune(context, "xquad", run, part.Test);
            }),
        ];

        BarSeries Bars(string name, IReadOnlyDictionary<string, double>[] scores) => new(name, [.. ((string[])["f1", "exact_match"]).Select((metric, i) =>
        {
            var values = OfAll(scores, metric);
            return new ChartPoint(i, values.Average(), values.Min(), values.Max());
        })]);
    }

    /// <summary>Cuts a file into parts by article and writes what each fold learns from, watches and is asked.</summary>
    internal static (string Train, string Valid, string Test)[] Split(string file, string folder, int folds)
    {
        var articles = JsonNode.Parse(string.Join('\n', PairText.Lines(file)))?["data"]?.AsArray() ?? throw new ConfigurationException($"{file} is not the JSON of SQuAD: it has no data.");
        if (articles.Count < 2 * folds || articles.Count - (articles.Count + folds - 1) / folds <= HeldOut) throw new ConfigurationException($"{file} has {articles.Count} articles, too few for {folds} folds.");
        return [.. Enumerable.Range(0, folds).Select(fold =>
        {
            JsonNode[] test = [.. articles.Where((_, i) => i % folds == fold).Select(article => article!)], others = [.. articles.Where((_, i) => i % folds != fold).Select(article => article!)];
            return (Write("train", others[HeldOut..]), Write("valid", others[..HeldOut]), Write("test", test));

            string Write(string part, JsonNode[] chosen)
            {
                var path = Path.Combine(folder, $"{part}-{fold + 1}.json");
                Directory.CreateDirectory(folder);
                AtomicFile.WriteText(path, new JsonObject { ["data"] = new JsonArray([.. chosen.Select(article => article.DeepClone())]) }.ToJsonString() + "\n");
                return path;
            }
        })];
    }
}
