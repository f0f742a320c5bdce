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
    ];
}
