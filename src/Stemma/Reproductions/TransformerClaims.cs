using Stemma.Numerics;
using Stemma.Reproductions.Transformers;
using Stemma.Training;

namespace Stemma.Reproductions;

/// <summary>Attention alone.</summary>
internal static class TransformerClaims
{
    public static IReadOnlyList<Claim> All { get; } =
    [
        new()
        {
            Name = "multi30k-transformer",
            Year = 2017,
            Paper = "Vaswani et al., arXiv:1706.03762",
            Statement = "A translator of attention alone, without recurrence, learns to translate (German to English, Multi30k, test 2016).",
            Type = "Models.Transformer2017.Transformer2017Model",
            Bands = [Band.AtLeast("BLEU", 35)],
            Data = [.. from part in (string[])["train", "val", "test_2016_flickr"] from language in (string[])["de", "en"] select $"multi30k/{part}.{language}.gz"],
            Budget = TimeSpan.FromMinutes(75),
            Run = Multi30kTransformerClaim.Measure,
        },
        new()
        {
            Name = "shakespeare-baby",
            Year = 2022,
            Paper = "Karpathy, nanoGPT, config/train_shakespeare_char.py",
            Statement = "A GPT of six layers learns the characters of Shakespeare's plays to a loss of 1.4697 before it learns them by heart.",
            Type = "Models.Gpt2.Gpt2Model",
            Bands = [Band.AtMost(TrainingClaim.Loss, 1.48)],
            Data = ["input.txt"],
            Budget = TimeSpan.FromMinutes(130),
            Run = context => TrainingClaim.MeasureHeldOut(context, "shakespeare-baby", BabyUntilItOverfits, "input.txt"),
        },
    ];

    /// <summary>nanoGPT's setting, stopped after four evaluations without a new best.</summary>
    private static TrainingRun BabyUntilItOverfits => Presets.Baby with { Precision = ComputePrecision.BFloat16, EvaluationInterval = 100, EvaluationTokens = 0, Patience = 4 };
}
