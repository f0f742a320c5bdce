using System.Text.Json.Serialization;
using Stemma.Models.Checkpoints;

namespace Stemma.Models.T5;

/// <summary><c>config.json</c> of Hugging Face's T5, field for field; other fields are let pass. Null is a field that was not given.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Skip)]
internal sealed record T5ConfigFile
{
    public string[]? Architectures { get; init; }

    public int? DFf { get; init; }

    public int? DKv { get; init; }

    public int? DModel { get; init; }

    public int? DecoderStartTokenId { get; init; }

    public string? DenseActFn { get; init; }

    public double? DropoutRate { get; init; }

    public int? EosTokenId { get; init; }

    public string? FeedForwardProj { get; init; }

    public double? InitializerFactor { get; init; }

    public bool? IsDecoder { get; init; }

    public bool? IsEncoderDecoder { get; init; }

    public bool? IsGatedAct { get; init; }

    public double? LayerNormEpsilon { get; init; }

    public string? ModelType { get; init; }

    public int? NumDecoderLayers { get; init; }

    public int? NumHeads { get; init; }

    public int? NumLayers { get; init; }

    public int? PadTokenId { get; init; }

    public int? RelativeAttentionMaxDistance { get; init; }

    public int? RelativeAttentionNumBuckets { get; init; }

    public bool? TieWordEmbeddings { get; init; }

    public string? TorchDtype { get; init; }

    public bool? UseCache { get; init; }

    public int? VocabSize { get; init; }

    /// <summary>The mirror of a configuration.</summary>
    public static T5ConfigFile From(T5Config config) => new()
    {
        Architectures = ["T5ForConditionalGeneration"],
        DFf = config.IntermediateSize,
        DKv = config.HeadSize,
        DModel = config.HiddenSize,
        DecoderStartTokenId = config.StartToken,
        DenseActFn = config.ActivationText,
        DropoutRate = config.Dropout,
        EosTokenId = config.EndToken,
        FeedForwardProj = config.FeedForward,
        InitializerFactor = config.InitializerFactor,
        IsDecoder = false,
        IsEncoderDecoder = true,
        IsGatedAct = config.IsGated,
        LayerNormEpsilon = config.NormEpsilon,
        ModelType = "t5",
        NumDecoderLayers = config.DecoderLayerCount,
        NumHeads = config.HeadCount,
        NumLayers = config.LayerCount,
        PadTokenId = config.PadToken,
        RelativeAttentionMaxDistance = config.MaxDistance,
        RelativeAttentionNumBuckets = config.BucketCount,
        TieWordEmbeddings = config.TiedEmbeddings,
        TorchDtype = "float32",
        UseCache = true,
        VocabSize = config.SourceVocabSize,
    };

    /// <summary>The configuration it describes. Fields that were not given have the library's defaults, as there; the sizes must be given.</summary>
    /// <exception cref="CheckpointException">A field is missing, contradicts another, or asks for what this T5 does not do.</exception>
    public T5Config ToConfig(string path)
    {
        var check = new ConfigCheck(path);
        check.Allow(Architectures is null or ["T5ForConditionalGeneration"], "architectures", string.Join(", ", Architectures ?? []), "T5ForConditionalGeneration");
        check.Allow(IsEncoderDecoder is not false, "is_encoder_decoder", "false", "true");
        check.Allow(IsDecoder is not true, "is_decoder", "true", "false");
        var vocabSize = check.Positive(VocabSize, "vocab_size");
        var layers = check.Positive(NumLayers, "num_layers");
        var config = new T5Config
        {
            SourceVocabSize = vocabSize,
            TargetVocabSize = vocabSize,
            LayerCount = layers,
            DecoderLayerCount = check.Positive(NumDecoderLayers ?? layers, "num_decoder_layers"),
            HeadCount = check.Positive(NumHeads, "num_heads"),
            HiddenSize = check.Positive(DModel, "d_model"),
            HeadSize = check.Positive(DKv, "d_kv"),
            IntermediateSize = check.Positive(DFf, "d_ff"),
            BucketCount = check.Positive(RelativeAttentionNumBuckets ?? 32, "relative_attention_num_buckets"),
            MaxDistance = check.Positive(RelativeAttentionMaxDistance ?? 128, "relative_attention_max_distance"),
            FeedForward = FeedForwardProj ?? "relu",
            TiedEmbeddings = TieWordEmbeddings is not false,
            Dropout = check.Probability(DropoutRate, 0.1, "dropout_rate"),
            NormEpsilon = LayerNormEpsilon ?? 1e-6,
            InitializerFactor = InitializerFactor ?? 1,
            PadToken = PadTokenId ?? 0,
            EndToken = EosTokenId ?? 1,
            StartToken = DecoderStartTokenId ?? PadTokenId ?? 0,
        };
        check.Allow(ActivationName.Find(config.ActivationText) is not null, "feed_forward_proj", FeedForwardProj, $"one of {ActivationName.Known}, with or without gated- before it");
        check.Allow(DenseActFn is null || DenseActFn == config.ActivationText, "dense_act_fn", DenseActFn, $"that of feed_forward_proj, {config.ActivationText},");
        check.Allow(IsGatedAct is null || IsGatedAct == config.IsGated, "is_gated_act", $"{IsGatedAct}", $"as feed_forward_proj has it, {config.IsGated},");
        check.Allow(config.BucketCount >= 4, "relative_attention_num_buckets", $"{config.BucketCount}", "at least 4");
        check.Allow(config.MaxDistance > config.BucketCount / 2, "relative_attention_max_distance", $"{config.MaxDistance}", $"more than half of relative_attention_num_buckets, {config.BucketCount / 2},");
        check.Allow(config.NormEpsilon > 0, "layer_norm_epsilon", $"{config.NormEpsilon}", "positive");
        foreach (var (token, field) in ((int, string)[])[(config.PadToken, "pad_token_id"), (config.EndToken, "eos_token_id"), (config.StartToken, "decoder_start_token_id")])
            check.Allow(token >= 0 && token < vocabSize, field, $"{token}", $"below vocab_size, {vocabSize},");
        return config;
    }
}
