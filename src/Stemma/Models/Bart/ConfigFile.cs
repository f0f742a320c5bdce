using System.Text.Json.Serialization;
using Stemma.Models.Checkpoints;

namespace Stemma.Models.Bart;

/// <summary><c>config.json</c> of Hugging Face's BART and mBART, field for field; other fields are let pass. Null is a field that was not given.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Skip)]
internal sealed record BartConfigFile
{
    public double? ActivationDropout { get; init; }

    public string? ActivationFunction { get; init; }

    public string[]? Architectures { get; init; }

    public double? AttentionDropout { get; init; }

    public int? BosTokenId { get; init; }

    public int? DModel { get; init; }

    public int? DecoderAttentionHeads { get; init; }

    public int? DecoderFfnDim { get; init; }

    public double? DecoderLayerdrop { get; init; }

    public int? DecoderLayers { get; init; }

    public int? DecoderStartTokenId { get; init; }

    public double? Dropout { get; init; }

    public int? EncoderAttentionHeads { get; init; }

    public int? EncoderFfnDim { get; init; }

    public double? EncoderLayerdrop { get; init; }

    public int? EncoderLayers { get; init; }

    public int? EosTokenId { get; init; }

    public double? InitStd { get; init; }

    public bool? IsEncoderDecoder { get; init; }

    public int? MaxPositionEmbeddings { get; init; }

    public string? ModelType { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public bool? NormalizeBefore { get; init; }

    public int? NumHiddenLayers { get; init; }

    public int? PadTokenId { get; init; }

    public bool? ScaleEmbedding { get; init; }

    public bool? TieWordEmbeddings { get; init; }

    public string? TorchDtype { get; init; }

    public bool? UseCache { get; init; }

    public int? VocabSize { get; init; }

    /// <summary>The mirror of a configuration.</summary>
    public static BartConfigFile From(BartFamilyConfig config) => new()
    {
        ActivationDropout = config.ActivationDropout,
        ActivationFunction = config.Activation,
        Architectures = [$"{config.ClassName}ForConditionalGeneration"],
        AttentionDropout = config.AttentionDropout,
        BosTokenId = config.BeginToken,
        DModel = config.HiddenSize,
        DecoderAttentionHeads = config.DecoderHeadCount,
        DecoderFfnDim = config.DecoderIntermediateSize,
        DecoderLayerdrop = 0,
        DecoderLayers = config.DecoderLayerCount,
        DecoderStartTokenId = config.StartToken,
        Dropout = config.Dropout,
        EncoderAttentionHeads = config.HeadCount,
        EncoderFfnDim = config.IntermediateSize,
        EncoderLayerdrop = 0,
        EncoderLayers = config.LayerCount,
        EosTokenId = config.EndToken,
        InitStd = config.InitializerRange,
        IsEncoderDecoder = true,
        MaxPositionEmbeddings = config.ContextLength,
        ModelType = config.Family,
        NumHiddenLayers = config.LayerCount,
        PadTokenId = config.PadToken,
        ScaleEmbedding = config.ScalesEmbeddings,
        TieWordEmbeddings = config.TiedEmbeddings,
        TorchDtype = "float32",
        UseCache = true,
        VocabSize = config.SourceVocabSize,
    };

    /// <summary>The configuration it describes. Fields that were not given have the library's defaults, as there; the sizes must be given.</summary>
    /// <exception cref="CheckpointException">A field is missing, contradicts another, or asks for what this BART does not do.</exception>
    public BartFamilyConfig ToConfig(string path)
    {
        var check = new ConfigCheck(path);
        BartFamilyConfig config = ModelType == "mbart" ? new MBartConfig() : new BartConfig();
        var name = $"{config.ClassName}ForConditionalGeneration";
        check.Allow(Architectures is null || Architectures is [var architecture] && architecture == name, "architectures", string.Join(", ", Architectures ?? []), name);
        check.Allow(IsEncoderDecoder is not false, "is_encoder_decoder", "false", "true");
        check.Allow(NormalizeBefore is null || NormalizeBefore == config.NormsFirst, "normalize_before", $"{NormalizeBefore}", $"{config.NormsFirst}");
        // Whole layers that are dropped while training.
        check.Allow(EncoderLayerdrop is null or 0, "encoder_layerdrop", $"{EncoderLayerdrop}", "0");
        check.Allow(DecoderLayerdrop is null or 0, "decoder_layerdrop", $"{DecoderLayerdrop}", "0");
        var vocabSize = check.Positive(VocabSize, "vocab_size");
        config = config with
        {
            SourceVocabSize = vocabSize,
            TargetVocabSize = vocabSize,
            ContextLength = check.Positive(MaxPositionEmbeddings, "max_position_embeddings"),
            LayerCount = check.Positive(EncoderLayers, "encoder_layers"),
            DecoderLayerCount = check.Positive(DecoderLayers, "decoder_layers"),
            HeadCount = check.Positive(EncoderAttentionHeads, "encoder_attention_heads"),
            DecoderHeadCount = check.Positive(DecoderAttentionHeads, "decoder_attention_heads"),
            HiddenSize = check.Positive(DModel, "d_model"),
            IntermediateSize = check.Positive(EncoderFfnDim, "encoder_ffn_dim"),
            DecoderIntermediateSize = check.Positive(DecoderFfnDim, "decoder_ffn_dim"),
            Activation = check.Activation(ActivationFunction, "gelu", "activation_function"),
            ScalesEmbeddings = ScaleEmbedding is true,
            TiedEmbeddings = TieWordEmbeddings is not false,
            Dropout = check.Probability(Dropout, 0.1, "dropout"),
            AttentionDropout = check.Probability(AttentionDropout, 0, "attention_dropout"),
            ActivationDropout = check.Probability(ActivationDropout, 0, "activation_dropout"),
            InitializerRange = InitStd ?? 0.02,
            PadToken = PadTokenId ?? 1,
            BeginToken = BosTokenId ?? 0,
            EndToken = EosTokenId ?? 2,
            StartToken = DecoderStartTokenId ?? 2,
        };
        check.Allow(config.HiddenSize % config.HeadCount == 0, "d_model", $"{config.HiddenSize}", $"a multiple of encoder_attention_heads, {config.HeadCount}");
        check.Allow(config.HiddenSize % config.DecoderHeadCount == 0, "d_model", $"{config.HiddenSize}", $"a multiple of decoder_attention_heads, {config.DecoderHeadCount}");
        check.Allow(config.InitializerRange >= 0, "init_std", $"{config.InitializerRange}", "at least 0");
        foreach (var (token, field) in ((int, string)[])[(config.PadToken, "pad_token_id"), (config.BeginToken, "bos_token_id"), (config.EndToken, "eos_token_id"), (config.StartToken, "decoder_start_token_id")])
            check.Allow(token >= 0 && token < vocabSize, field, $"{token}", $"below vocab_size, {vocabSize},");
        return config;
    }
}
