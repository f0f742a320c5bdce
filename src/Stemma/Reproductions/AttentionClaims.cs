using Stemma.Reproductions.Attention;

namespace Stemma.Reproductions;

/// <summary>From one sequence to another: what a fixed state cannot hold, and what looking at the source gives.</summary>
internal static class AttentionClaims
{
    public static IReadOnlyList<Claim> All { get; } =
    [
        new()
        {
            Name = "reversal",
            Year = 2014,
            Paper = "Sutskever et al., arXiv:1409.3215; Luong et al. 2015, arXiv:1508.04025",
            Statement = "An encoder–decoder with attention learns to say sequences backwards without a fault.",
            Type = "Models.Seq2Seq.Seq2SeqModel",
            Test = "Seq2SeqModelTests.Attention_learns_to_reverse_without_a_fault",
            Bands = [Band.AtLeast("share of unseen sequences", 1)],
        },
        new()
        {
            Name = "associative-recall",
            Year = 2014,
            Paper = "Graves et al., arXiv:1410.5401, section 4.3",
            Statement = "A decoder that looks finds the value that stood behind a key; one that must hold all pairs in its state does not in as many steps.",
            Type = "Layers.SourceMemory",
            Test = "Seq2SeqModelTests.Attention_recalls_what_stood_behind_a_key",
            Bands = [Band.AtLeast("share with attention", 0.98), Band.AtMost("share without attention", 0.75)],
        },
        new()
        {
            Name = "multi30k-attention",
            Year = 2014,
            Paper = "Bahdanau et al., arXiv:1409.0473, figure 2; Luong et al. 2015, arXiv:1508.04025",
            Statement = "A translator that looks at its source is better than one that holds it in a state, the more so the longer the source is (German to English, Multi30k, test 2016).",
            Type = "Models.Seq2Seq.Seq2SeqModel",
            Bands =
            [
                Band.AtLeast("BLEU with attention", 30),
                Band.AtLeast("BLEU gained by attention", 3),
                Band.AtLeast("gain at the longest sources less that at the shortest", 0),
            ],
            Data = [.. Multi30kClaim.Files],
            Budget = TimeSpan.FromMinutes(40),
            Run = Multi30kClaim.Measure,
        },
        new()
        {
            Name = "dot-product-saturation",
            Year = 2017,
            Paper = "Vaswani et al., arXiv:1706.03762, section 3.2.1",
            Statement = "Dot products grow with the root of the size, so that their softmax saturates and its gradient dies; dividing by the root keeps both.",
            Type = "Layers.ScaledDotScore",
            Test = "AttentionScoreTests.Without_the_scale_scores_spread_as_wide_as_there_are_components_and_the_gradient_dies",
            Bands =
            [
                new("variance of dot products at size 512, per component", 0.85, 1.15),
                new("variance of scaled products at size 512", 0.85, 1.15),
                new("gradient left without the scale at size 4", 0.2, 1.2),
                Band.AtMost("gradient left without the scale at size 512", 0.15),
            ],
            Budget = TimeSpan.FromSeconds(2),
            Run = SaturationClaim.Measure,
        },
        new()
        {
            Name = "attention-cost",
            Year = 2020,
            Paper = "Child et al. 2019, arXiv:1904.10509; Beltagy et al., arXiv:2004.05150; Zaheer et al., arXiv:2007.14062; Kitaev et al., arXiv:2001.04451; Katharopoulos et al., arXiv:2006.16236; Choromanski et al., arXiv:2009.14794",
            Statement = "Attention to all pairs takes time with the square of the length; a window, blocks, hashing and sums take less, forward and backward, and no kind takes memory with the square. A mixture's time hardly grows with its experts.",
            Type = "Layers.BlockSparsePattern",
            Bands = [.. CostClaim.Bands],
            Budget = TimeSpan.FromMinutes(1),
            Run = CostClaim.Measure,
        },
        new()
        {
            Name = "attention-approximation",
            Year = 2020,
            Paper = "Choromanski et al., arXiv:2009.14794, theorem 1 and figure 2; Kitaev et al., arXiv:2001.04451, section 2",
            Statement = "The error of attention through random features falls with their number, and more rounds of hashing find more of the nearest keys.",
            Type = "Layers.FavorFeatures",
            Bands = [.. ApproximationClaim.Bands],
            Seeds = 4,
            Budget = TimeSpan.FromSeconds(5),
            Run = ApproximationClaim.Measure,
        },
        new()
        {
            Name = "decoding-memory",
            Year = 2019,
            Paper = "Shazeer, arXiv:1911.02150; Ainslie et al. 2023, arXiv:2305.13245; DeepSeek-AI 2024, arXiv:2405.04434, section 2.1; Katharopoulos et al. 2020, arXiv:2006.16236, section 3.4",
            Statement = "What decoding remembers of a token shrinks with the heads of keys, to a latent row, and to nothing where sums are carried along.",
            Type = "Layers.SequenceCache",
            Test = "ComposedAttentionTests.A_latent_cache_holds_a_compressed_row_a_position",
            Bands = [.. MemoryClaim.DecodingBands],
            Budget = TimeSpan.FromSeconds(5),
            Run = MemoryClaim.Decoding,
        },
        new()
        {
            Name = "training-memory",
            Year = 2016,
            Paper = "Chen et al., arXiv:1604.06174; Gomez et al. 2017, arXiv:1707.04585",
            Statement = "Blocks that keep their input alone, and are computed twice, need a fraction of the memory; reversible ones need no more for another block.",
            Type = "Layers.ReversibleStack",
            Bands = [.. MemoryClaim.TrainingBands],
            Budget = TimeSpan.FromSeconds(2),
            Run = MemoryClaim.Training,
        },
    ];
}
