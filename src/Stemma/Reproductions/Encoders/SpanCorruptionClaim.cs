using Stemma.Evaluation.Metrics.Translation;
using Stemma.Generation;
using Stemma.Models.T5;
using Stemma.Numerics.Formats;
using Stemma.Reporting;
using Stemma.Schedules;
using Stemma.Training;
using Stemma.Training.Encoders;
using Stemma.Training.Pairs;

namespace Stemma.Reproductions.Encoders;

/// <summary>A T5 that has learned to say what was cut out of texts, then to translate; beside it the same from scratch, for as many updates on the pairs.</summary>
internal static class SpanCorruptionClaim
{
    public const string Gain = "BLEU gained";

    private const string Name = "span-corruption-multi30k";

    /// <summary>Both sides of the pairs.</summary>
    public static IReadOnlyList<string> Files { get; } = [.. from part in (string[])["train", "val", "test_2016_flickr"] from language in (string[])["de", "en"] select $"multi30k/{part}.{language}.gz"];

    public static Reproduction Measure(ReproductionContext context) => Measure(context, new()
    {
        Objective = new SpanObjective { Model = new T5Config { LayerCount = 3, DecoderLayerCount = 3, HeadCount = 4, HiddenSize = 192, HeadSize = 48, IntermediateSize = 512 } },
        Tokenizer = new BpeTokenizerConfig { VocabSize = 4000 },
        Schedule = new LinearSchedule { LearningRate = 1e-3, WarmupSteps = 200 },
        Steps = 2500,
        EvaluateEvery = 500,
        BatchSize = 64,
        MaxTokens = 64,
    }, epochs: 3);

    internal static Reproduction Measure(ReproductionContext context, PretrainRun spans, int epochs)
    {
        var folder = Path.Combine(context.RunsFolder, Name);
        string[] small = [.. Files.Select(file => Lowercase(context.Data(file), Path.Combine(folder, "text", Path.GetFileNameWithoutExtension(file))))];
        string[] texts = [.. ((int[])[0, 2]).Select(part => Both(small[part], small[part + 1]))];
        var pretrained = EncoderRuns.Pretrain(context, Path.Combine(Name, "spans"), spans with { Data = new() { Source = texts[0], Validation = texts[1] } });
        var run = new PairRun
        {
            Pretrained = pretrained.Folder!,
            Data = new() { Source = small[0], Target = small[1], ValidSource = small[2], ValidTarget = small[3] },
            Schedule = new CosineSchedule { LearningRate = 1e-3, FinalLearningRate = 5e-5, WarmupSteps = 200 },
            Epochs = epochs,
            LabelSmoothing = 0.1,
        };
        var (sources, references) = PairText.Read(small[4], small[5]);
        IReadOnlyList<string>[] right = [.. references.Select(line => (IReadOnlyList<string>)[line])];
        var bleu = new Bleu { LowerCase = true };
        var (scratch, tuned) = (Translate(context, Path.Combine(folder, "scratch"), run with { FromScratch = true }, sources), Translate(context, Path.Combine(folder, "tuned"), run, sources));
        var compared = SystemComparison.Of(bleu, bleu.CountAll(scratch.Said, right), bleu.CountAll(tuned.Said, right));
        return new()
        {
            Measurements =
            [
                Of("BLEU, from scratch", compared.Baseline), Of("BLEU, pretrained", compared.System), Of(Gain, compared.Difference), new($"{Gain}, p", compared.PValue),
                new("held-out perplexity, from scratch", scratch.Perplexity), new("held-out perplexity, pretrained", tuned.Perplexity),
                new("accuracy of the target's tokens in span corruption (%)", 100 * pretrained.BestMetric!.Value),
            ],
            Figures = new Dictionary<string, Figure>
            {
                [Name] = new Chart
                {
                    Title = "Translating after span corruption and from scratch",
                    Subtitle = "German to English, Multi30k; nats per token held out",
                    X = new LinearAxis("epochs"),
                    Y = new LinearAxis("nats per token"),
                    Series = [new LineSeries("from scratch", scratch.Course), new LineSeries("pretrained", tuned.Course)],
                },
            },
            Notes = $"""
                Signature: `{bleu.Signature(1)}`; intervals by bootstrap over 1,000 resamples of the test lines, p by approximate randomisation: of one run each. Beam 5. A T5 of 3 + 3 blocks, 4 heads and
                192 channels, 512 inside, one byte-level BPE of 4,000 tokens for both languages, small letters. Span corruption: {spans.Steps:N0} updates of {spans.BatchSize} texts of {spans.MaxTokens} tokens, of the German
                and the English lines that the pairs are made of, each language by itself: it sees no text that the translator from scratch does not see, and no pair. Then {epochs} epochs of the
                pairs in batches of {run.BatchSize}, rate 0.001 down a cosine, label smoothing 0.1; the weights of the best held-out loss.
                """,
        };

        static Measurement Of(string name, ScoreInterval score) => new(name, score.Value, score.Low, score.High);
    }

    private static (string[] Said, double Perplexity, ChartPoint[] Course) Translate(ReproductionContext context, string folder, PairRun run, string[] sources)
    {
        var threads = context.Device.ThreadCount;
        var session = RunFolder.Holds(folder) ? PairSession.Resume(folder, threads, null, context.Cancellation) : PairSession.Start(run, folder, threads, null, context.Cancellation);
        if (session.Run != run) throw new ConfigurationException($"{folder} holds another run than this claim states. Remove it, or choose another place with --runs.");
        foreach (var step in session.Steps(context.Cancellation))
            if (step.Evaluation is { } evaluation) context.Progress?.Report($"{Path.GetFileName(folder)}: step {step.Number:N0} of {session.TotalSteps:N0}, {evaluation.LossNatsPerToken:0.000} nats/token held out");
        context.Cancellation.ThrowIfCancellationRequested();
        var translator = Translator.Load(folder, context.Device);
        var search = new BeamSearch { Width = 5, LengthPenalty = 1, MaxTokens = 60 };
        string[] said = [.. sources.Select(line =>
        {
            context.Cancellation.ThrowIfCancellationRequested();
            return translator.Translate(line, search)[0].Text;
        })];
        var course = TrainingClaim.Curve(folder).Select(point => new ChartPoint((double)point.Step / session.StepsPerEpoch, point.ValidationLoss));
        return (said, session.Best!.Perplexity, [.. course]);
    }

    private static string Lowercase(string file, string target)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(target)!);
        AtomicFile.WriteText(target, string.Concat(PairText.Lines(file).Select(line => line.Trim().ToLowerInvariant() + "\n")));
        return target;
    }

    private static string Both(string german, string english)
    {
        var target = Path.ChangeExtension(german, ".both");
        AtomicFile.WriteText(target, File.ReadAllText(german) + File.ReadAllText(english));
        return target;
    }
}
