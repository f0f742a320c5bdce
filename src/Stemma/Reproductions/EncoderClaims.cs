using Stemma.Reproductions.Encoders;

namespace Stemma.Reproductions;

/// <summary>What encoders learn without labels, and what that is worth.</summary>
internal static class EncoderClaims
{
    public static IReadOnlyList<Claim> All { get; } =
    [
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
        new()
        {
            Name = "entities-wnut17",
            Year = 2018,
            Paper = "Devlin et al., arXiv:1810.04805, section 5.3",
            Statement = "A pretrained encoder with a layer over its rows names entities better than the same from scratch in as many steps (WNUT 2017).",
            Type = "Models.Heads.TokenClassifier",
            Bands = [Band.AtLeast(SeedComparison.Gain(EntityClaim.F1), 1)],
            Data = EntityClaim.Files,
            Budget = TimeSpan.FromMinutes(15),
            Run = EntityClaim.Measure,
        },
        new()
        {
            Name = "questions-xquad",
            Year = 2018,
            Paper = "Devlin et al., arXiv:1810.04805, section 4.2",
            Statement = "A pretrained encoder finds the answer's first and last word in a text better than the same from scratch in as many steps (XQuAD's English part, articles apart).",
            Type = "Models.Heads.SpanExtractor",
            Bands = [Band.AtLeast(SeedComparison.Gain(QuestionClaim.F1), 0), Band.AtLeast(SeedComparison.Gain(QuestionClaim.Exact), 0)],
            Data = [QuestionClaim.DataFile],
            Budget = TimeSpan.FromMinutes(15),
            Run = QuestionClaim.Measure,
        },
        new()
        {
            Name = "senses-in-context",
            Year = 2018,
            Paper = "Peters et al., arXiv:1802.05365, section 5.3",
            Statement = "A word has one vector of its own but another in each context: a linear probe tells its senses (noun or verb in one written form) by the encoder's vectors alone.",
            Type = "Interpretability.LinearProbe",
            Bands = [Band.AtLeast(SenseClaim.OverStatic, 10), Band.AtLeast(SenseClaim.OverUntrained, 3)],
            Data = SenseClaim.Files,
            Budget = TimeSpan.FromMinutes(12),
            Run = SenseClaim.Measure,
        },
        new()
        {
            Name = "span-corruption-multi30k",
            Year = 2019,
            Paper = "Raffel et al., arXiv:1910.10683",
            Statement = "An encoder–decoder that has learned to say spans cut out of text translates better than the same from scratch after as many updates on pairs (German to English, Multi30k, test 2016).",
            Type = "Training.Objectives.SpanCorruption",
            Bands = [Band.AtLeast(SpanCorruptionClaim.Gain, 1)],
            Data = SpanCorruptionClaim.Files,
            Budget = TimeSpan.FromMinutes(60),
            Run = SpanCorruptionClaim.Measure,
        },
        new()
        {
            Name = "electra-equal-flops",
            Year = 2020,
            Paper = "Clark et al., arXiv:2003.10555, section 3.3",
            Statement = "An encoder that tells replaced tokens from the text's own is worth more than one that predicts hidden tokens, for as many operations: parts of speech and sentiment.",
            Type = "Training.Encoders.ElectraPair",
            Bands = [Band.AtLeast(SeedComparison.Gain(ElectraClaim.Tags), 0), Band.AtLeast(SeedComparison.Gain(ElectraClaim.Moods), 0)],
            Data = ElectraClaim.Files,
            Budget = TimeSpan.FromMinutes(25),
            Run = ElectraClaim.Measure,
        },
    ];
}
