using System.Globalization;
using Stemma.Layers;
using Stemma.Models.Composed;
using Stemma.Numerics;
using Stemma.Reporting;
using Stemma.Training;

namespace Stemma.Reproductions.Attention;

/// <summary>What decoding leaves behind for every token, by the kind of attention, and what a training step keeps, by the number of blocks.</summary>
internal static class MemoryClaim
{
    private const int Most = 1024, Texts = 16, TextLength = 128;

    private static readonly ComposedConfig s_base = new() { VocabSize = 256, ContextLength = Most, LayerCount = 2, HiddenSize = 256, HeadCount = 8, IntermediateSize = 512 };

    private static readonly (string Name, ComposedConfig Config)[] s_decoders =
    [
        ("8 heads", s_base),
        ("2 key heads", s_base with { KvHeadCount = 2 }),
        ("1 key head", s_base with { KvHeadCount = 1 }),
        ("latent rows of 32", s_base with { Attention = new LatentAttentionConfig { LatentSize = 32, RotarySize = 16 } }),
        ("linear", s_base with { Attention = new LinearAttentionConfig() }),
    ];

    private static readonly int[] s_lengths = [2, 64, 128, 256, 512, Most], s_depths = [2, 4, 8, 16];

    private static readonly (string Name, Func<ComposedConfig, TrainingRun> Of)[] s_steps =
    [
        ("as it is", Step),
        ("blocks keep their input", model => Step(model) with { Checkpointing = true }),
        ("reversible blocks", model => Step(model with { Block = BlockKind.Reversible })),
    ];

    /// <summary>What must come out of decoding: 2 · heads · channels numbers a position, or the latent row and its turned channels, or nothing.</summary>
    public static IReadOnlyList<Band> DecodingBands { get; } =
    [
        new("numbers a token and block, 8 heads", 511, 513), new("numbers a token and block, 2 key heads", 127, 129), new("numbers a token and block, 1 key head", 63, 65),
        new("numbers a token and block, latent rows of 32", 47, 49), new("numbers a token and block, linear", -0.01, 0.01),
    ];

    /// <summary>What must come out of training: activations a block beside those of blocks as they are.</summary>
    public static IReadOnlyList<Band> TrainingBands { get; } = [Band.AtMost("bytes of another block, its input kept alone", 0.15), Band.AtMost("bytes of another block, reversible", 0.02)];

    public static Reproduction Decoding(ReproductionContext context)
    {
        var sizes = s_decoders.Select(kind => (kind.Name, Bytes: Cached(kind.Config, context.Device))).ToArray();
        return new()
        {
            Measurements = [.. sizes.Select(kind => new Measurement($"numbers a token and block, {kind.Name}", (kind.Bytes[^1] - kind.Bytes[1]) / (double)(Most - s_lengths[1]) / s_base.LayerCount / sizeof(float)))],
            Figures = new Dictionary<string, Figure>
            {
                ["decoding-memory"] = new Chart
                {
                    Title = "What a decoder remembers of a text",
                    Subtitle = $"{s_base.LayerCount} blocks of {s_base.HiddenSize} channels, {s_base.HeadCount} heads; float32",
                    X = new LinearAxis("tokens"),
                    Y = new LinearAxis("memory (KB)"),
                    Series = [.. sizes.Select(kind => new LineSeries(kind.Name, [.. s_lengths.Zip(kind.Bytes, (length, bytes) => new ChartPoint(length, bytes / 1e3))]))],
                },
            },
            Notes = $"Counted in the cache of a model of {s_base.LayerCount} blocks of {s_base.HiddenSize} channels and {s_base.HeadCount} heads, of random weights, that has read so many tokens.",
        };
    }

    public static Reproduction Training(ReproductionContext context)
    {
        var peaks = s_steps.Select(kind => (kind.Name, Plans: s_depths.Select(depth => TrainingPlan.Of(kind.Of(s_base with { ContextLength = TextLength, LayerCount = depth }))).ToArray())).ToArray();
        double Block(int kind) => (peaks[kind].Plans[^1].ActivationBytes - peaks[kind].Plans[0].ActivationBytes) / (double)(s_depths[^1] - s_depths[0]);
        return new()
        {
            Measurements =
            [
                new("activations of another block (MB)", Block(0) / 1e6),
                new("bytes of another block, its input kept alone", Block(1) / Block(0)),
                new("bytes of another block, reversible", Block(2) / Block(0)),
            ],
            Figures = new Dictionary<string, Figure>
            {
                ["training-memory"] = new Chart
                {
                    Title = "What a forward pass keeps for the backward pass",
                    Subtitle = $"{Texts} texts of {TextLength} tokens, {s_base.HiddenSize} channels; float32",
                    X = new LogAxis("blocks"),
                    Y = new LogAxis("memory (MB)"),
                    Series = [.. peaks.Select(kind => new LineSeries(kind.Name, [.. s_depths.Zip(kind.Plans, (depth, plan) => new ChartPoint(depth, plan.ActivationBytes / 1e6))]))],
                },
            },
            Notes = $"""
                Counted by a step that computes nothing, which tests hold against real ones.

                | blocks | {string.Join(" | ", s_depths)} |
                |---|{string.Concat(s_depths.Select(_ => "---|"))}
                {string.Join('\n', peaks.Select(kind => $"| {kind.Name} | {string.Join(" | ", kind.Plans.Select(plan => string.Create(CultureInfo.InvariantCulture, $"{plan.ActivationBytes / 1e6:0.0} MB kept, {plan.PeakBytes / 1e6:0} MB at the peak")))} |"))}
                """,
        };
    }

    private static TrainingRun Step(ComposedConfig model) => new() { BatchSize = Texts, Model = model };

    private static long[] Cached(ComposedConfig config, Device device)
    {
        var model = config.Build(new Weights(new InitialWeights(1), device));
        using var state = (SequenceCache)model.Start();
        var bytes = new long[s_lengths.Length];
        for (var i = 0; i < bytes.Length; i++)
        {
            model.Advance([new(state, new int[s_lengths[i] - state.Length], Wanted.None)], []);
            bytes[i] = state.ByteCount;
        }
        return bytes;
    }
}
