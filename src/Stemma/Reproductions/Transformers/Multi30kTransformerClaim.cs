using System.Text.Json.Nodes;
using Stemma.Evaluation.Metrics.Translation;
using Stemma.Generation;
using Stemma.Models.Transformer2017;
using Stemma.Reporting;
using Stemma.Schedules;
using Stemma.Training;
using Stemma.Training.Pairs;

namespace Stemma.Reproductions.Transformers;

/// <summary>German to English on Multi30k with the original Transformer: BLEU on test 2016, and the course of its training.</summary>
internal static class Multi30kTransformerClaim
{
    private const string Name = "multi30k-transformer";

    private static readonly BeamSearch s_search = new() { Width = 5, LengthPenalty = 1, MaxTokens = 60 };

    public static Reproduction Measure(ReproductionContext context)
    {
        var (sources, references) = PairText.Read(context.Data("multi30k/test_2016_flickr.de.gz"), context.Data("multi30k/test_2016_flickr.en.gz"));
        IReadOnlyList<string>[] right = [.. references.Select(line => (IReadOnlyList<string>)[line])];
        var folder = Path.Combine(context.RunsFolder, Name);
        var run = new PairRun
        {
            Model = new Transformer2017Config { LayerCount = 3, HeadCount = 4, HiddenSize = 192, IntermediateSize = 512, Dropout = 0.1 },
            Data = new()
            {
                Source = context.Data("multi30k/train.de.gz"),
                Target = context.Data("multi30k/train.en.gz"),
                ValidSource = context.Data("multi30k/val.de.gz"),
                ValidTarget = context.Data("multi30k/val.en.gz"),
                Lowercase = true,
            },
            Tokenizer = new BpeTokenizerConfig { VocabSize = 3000 },
            Schedule = new CosineSchedule { LearningRate = 1e-3, FinalLearningRate = 5e-5, WarmupSteps = 400 },
            Epochs = 10,
            BatchSize = 64,
            LabelSmoothing = 0.1,
        };
        var threads = context.Device.ThreadCount;
        var session = RunFolder.Holds(folder) ? PairSession.Resume(folder, threads, null, context.Cancellation) : PairSession.Start(run, folder, threads, null, context.Cancellation);
        foreach (var step in session.Steps(context.Cancellation))
            if (step.Evaluation is { } evaluation) context.Progress?.Report($"step {step.Number:N0} of {session.TotalSteps:N0}, {evaluation.LossNatsPerToken:0.000} nats/token held out");
        context.Cancellation.ThrowIfCancellationRequested();
        context.Progress?.Report($"translating {sources.Length:N0} lines");
        var translator = Translator.Load(folder, context.Device);
        string[] said = [.. sources.Select(line =>
        {
            context.Cancellation.ThrowIfCancellationRequested();
            return translator.Translate(line, s_search)[0].Text;
        })];
        var bleu = new Bleu { LowerCase = true };
        var scores = SystemComparison.Interval(bleu, bleu.CountAll(said, right));
        return new()
        {
            Measurements = [new("BLEU", scores.Value, scores.Low, scores.High), new("held-out perplexity", session.Best!.Perplexity)],
            Figures = new Dictionary<string, Figure> { [Name] = Course(folder, session.StepsPerEpoch) },
            Notes = $"""
                Signature: `{bleu.Signature(1)}`; interval by bootstrap over 1,000 resamples. Beam 5, length penalty 1. Model: 3 + 3 blocks of 4 heads and
                192 channels, 512 inside, byte-level BPE of 3,000 tokens a side, small letters; 10 epochs of Adam in batches of 64, rate 0.001 after 400
                updates down a cosine, dropout 0.1, label smoothing 0.1; the weights of the best held-out loss.
                """,
        };
    }

    private static Chart Course(string folder, int stepsPerEpoch)
    {
        var lines = File.ReadLines(RunFolder.At(folder).Metrics).Select(line => JsonNode.Parse(line)!).ToArray();
        ChartPoint[] held = [.. lines.Where(line => line["validation_loss"] is not null).Select(line => new ChartPoint((double)line["step"]! / stepsPerEpoch, (double)line["validation_loss"]!))];
        ChartPoint[] train = [.. lines.Where(line => line["loss"] is not null).Chunk(stepsPerEpoch / 5).Select(part => new ChartPoint((double)part[^1]["step"]! / stepsPerEpoch, part.Average(line => (double)line["loss"]!)))];
        return new Chart
        {
            Title = "The original Transformer learns to translate",
            Subtitle = "German to English, Multi30k; the training loss is smoothed by 0.1",
            X = new LinearAxis("epochs"),
            Y = new LinearAxis("nats per token"),
            Series = [new LineSeries("training", train), new LineSeries("held out", held)],
        };
    }
}
