using System.Globalization;
using Stemma.Layers;
using Stemma.Models;
using Stemma.Models.Electra;
using Stemma.Models.Heads;
using Stemma.Numerics;
using Stemma.Reporting;
using Stemma.Training;
using Stemma.Training.Encoders;

namespace Stemma.Reproductions.Encoders;

/// <summary>Telling replaced tokens against predicting hidden ones, for as many operations; then parts of speech and sentiment from either.</summary>
internal static class ElectraClaim
{
    public const string Tags = "part-of-speech accuracy (%)", Moods = "sentiment accuracy (%)";

    private const string Name = "electra-equal-flops", Folder = "pretraining-electra";

    /// <summary>What is read beside the documentation.</summary>
    public static string[] Files => PretrainingClaim.Files;

    /// <summary>An ELECTRA whose discriminator has the sizes of <see cref="EncoderRuns.Bert"/>; generator and λ are the paper's.</summary>
    public static PretrainRun Electra { get; } = EncoderRuns.Bert(1) with
    {
        Model = new ElectraConfig { LayerCount = 2, HeadCount = 4, HiddenSize = 128, EmbeddingSize = 128, IntermediateSize = 256, ContextLength = 128 },
        Objective = new ReplacedObjective(),
    };

    public static Reproduction Measure(ReproductionContext context) => Measure(context, EncoderRuns.Bert(EncoderRuns.LongUpdates), Electra, tagEpochs: 2, moodEpochs: 3, seeds: [1, 2, 3, 4, 5]);

    /// <param name="context">Data and runs.</param>
    /// <param name="masked">Predicts hidden tokens.</param>
    /// <param name="replaced">Tells replaced ones; its updates are set here.</param>
    /// <param name="tagEpochs">Of parts of speech.</param>
    /// <param name="moodEpochs">Of sentiment.</param>
    /// <param name="seeds">Of fine-tuning.</param>
    internal static Reproduction Measure(ReproductionContext context, PretrainRun masked, PretrainRun replaced, int tagEpochs, int moodEpochs, IReadOnlyList<ulong> seeds)
    {
        var (ofMasked, ofReplaced) = (UpdateFlops(masked), UpdateFlops(replaced));
        replaced = replaced with { Steps = Math.Max(1, (int)(masked.Steps * ofMasked / ofReplaced)) };
        var (bert, electra) = (EncoderRuns.Pretrain(context, EncoderRuns.LongName, masked), EncoderRuns.Pretrain(context, Folder, replaced));
        var (bertTags, electraTags) = (Accuracies(bert, "ud_ewt", TuningTaskKind.Tag, tagEpochs, Files[..3]), Accuracies(electra, "ud_ewt", TuningTaskKind.Tag, tagEpochs, Files[..3]));
        var (bertMoods, electraMoods) = (Accuracies(bert, "sst2", TuningTaskKind.Classify, moodEpochs, Files[3..]), Accuracies(electra, "sst2", TuningTaskKind.Classify, moodEpochs, Files[3..]));
        return new()
        {
            Measurements =
            [
                .. SeedComparison.Of(Tags, ("masked prediction", bertTags), ("replaced-token detection", electraTags)),
                .. SeedComparison.Of(Moods, ("masked prediction", bertMoods), ("replaced-token detection", electraMoods)),
                new("operations of pretraining, replaced ÷ masked", replaced.Steps * ofReplaced / (masked.Steps * ofMasked)),
                new("accuracy of hidden tokens (%)", 100 * bert.BestMetric!.Value), new("accuracy of the discriminator (%)", 100 * electra.BestMetric!.Value),
            ],
            Figures = new Dictionary<string, Figure>
            {
                [Name] = new Chart
                {
                    Title = "Replaced tokens against hidden ones",
                    Subtitle = $"test accuracy after pretraining for as many operations, mean of {seeds.Count} seeds, least and greatest",
                    X = new CategoryAxis("task", ["parts of speech", "sentiment"]),
                    Y = new LinearAxis("accuracy (%)") { Minimum = 40 },
                    Series = [Bars("masked prediction", bertTags, bertMoods), Bars("replaced-token detection", electraTags, electraMoods)],
                },
            },
            Notes = string.Create(CultureInfo.InvariantCulture, $"""
                {SeedComparison.Note} Both encoders have 2 blocks of 4 heads and 128 channels, 256 inside, and learned from the documentation of .NET in batches of {masked.BatchSize} texts of
                {masked.MaxTokens} tokens, at one schedule. Operations of an update, forward and backward, counted from the matrices, attention's scores and the heads: masked prediction {ofMasked / 1e9:0.00} GFLOP
                ({masked.Steps:N0} updates, the run of the claim `pretraining`), replaced-token detection {ofReplaced / 1e9:0.00} GFLOP with its generator of half the channels ({replaced.Steps:N0} updates, λ = 50);
                the weights of the best held-out accuracy, of updates {bert.BestStep:N0} and {electra.BestStep:N0}. Fine-tuning as in `pretraining`: {tagEpochs} epochs of UD English EWT, {moodEpochs} of SST-2's sentences, the last weights.
                """),
        };

        double[] Accuracies(PretrainSession session, string name, TuningTaskKind task, int epochs, IReadOnlyList<string> files) => [.. seeds.Select(seed =>
            100 * EncoderRuns.Tune(context, name, EncoderRuns.Tuning(task, context.Data(files[0]), context.Data(files[1]), epochs) with { Encoder = session.Folder!, Seed = seed }, context.Data(files[2]))["accuracy"])];

        static BarSeries Bars(string name, params double[][] values) => new(name, [.. values.Select((of, i) => new ChartPoint(i, of.Average(), of.Min(), of.Max()))]);
    }

    /// <summary>Floating-point operations of an update, forward and backward: blocks, attention's scores, heads; of ELECTRA both models.</summary>
    internal static double UpdateFlops(PretrainRun run)
    {
        var size = ((BpeTokenizerConfig)run.Tokenizer).VocabSize + EncoderTokens.Added;
        var config = run.Model with { VocabSize = size };
        double tokens = run.BatchSize * run.MaxTokens, hidden = run.Objective.Share * tokens;
        using var scope = Memory.Scope();
        if (run.Objective is not ReplacedObjective electra) return Blocks(new MaskedLanguageModel(config, new Weights(new InitialWeights(1), Device.Cpu)).Encoder) + 6 * hidden * config.HiddenSize * (config.HiddenSize + size);
        var pair = new ElectraPair((ElectraConfig)config, electra.GeneratorShare, electra.Weight, 1, Device.Cpu);
        var (generator, vector) = (pair.Generator.Config, ((ElectraConfig)config).EmbeddingSize);
        return Blocks(pair.Discriminator.Encoder) + 6 * tokens * config.HiddenSize * (config.HiddenSize + 1)
            + Blocks(pair.Generator.Encoder) + 6 * hidden * vector * (generator.HiddenSize + size);

        // Scores and what they weigh: 4 operations forward for a pair of tokens and a channel, twice that backward.
        double Blocks(EncoderModel encoder) => encoder.TrainingFlops((long)tokens) + 12.0 * encoder.Config.LayerCount * encoder.Config.HiddenSize * run.MaxTokens * tokens;
    }
}
