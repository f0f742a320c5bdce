using Stemma.Reproductions.Transformers;

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
            Name = "pretraining",
            Year = 2018,
            Paper = "Devlin et al., arXiv:1810.04805",
            Statement = "An encoder that has learned to predict hidden words learns a task better in as many steps than one from scratch: parts of speech and sentiment, after documentation of .NET.",
            Type = "Training.Encoders.PretrainSession",
            Bands = [Band.AtLeast("part-of-speech accuracy gained", 0.5), Band.AtLeast("sentiment accuracy gained", 0), Band.AtLeast(PretrainingClaim.LongTagGain, 0.5), Band.AtLeast(PretrainingClaim.LongMoodGain, 0)],
            Data = PretrainingClaim.Files,
            Budget = TimeSpan.FromMinutes(20),
            Run = PretrainingClaim.Measure,
        },
    ];
}
