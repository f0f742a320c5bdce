using System.Text.Json.Serialization;
using Stemma.Models.Checkpoints;

namespace Stemma.Models.DistilBert;

/// <summary><c>config.json</c> of Hugging Face's DistilBERT, field for field; other fields are let pass. Null is a field that was not given.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Skip)]
internal sealed record DistilBertConfigFile
{
    public string? Activation { get; init; }

    public string[]? Architectures { get; init; }

    public double? AttentionDropout { get; init; }

    public int? Dim { get; init; }

    public double? Dropout { get; init; }

    public int? HiddenDim { get; init; }

    [JsonPropertyName("id2label"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public Dictionary<string, string>? Labels { get; init; }

    [JsonPropertyName("label2id"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public Dictionary<string, int>? LabelNumbers { get; init; }

    public double? InitializerRange { get; init; }

    public int? MaxPositionEmbeddings { get; init; }

    public string? ModelType { get; init; }

    public int? NHeads { get; init; }

    public int? NLayers { get; init; }

    public int? PadTokenId { get; init; }

    public double? QaDropout { get; init; }

    public double? SeqClassifDropout { get; init; }

    public bool? SinusoidalPosEmbds { get; init; }

    public bool? TieWordEmbeddings { get; init; }

    public string? TorchDtype { get; init; }

    public int? VocabSize { get; init; }

    /// <summary>The mirror of a configuration.</summary>
    public static DistilBertConfigFile From(DistilBertConfig config) => new()
    {
        Activation = config.Activation,
        AttentionDropout = config.AttentionDropout,
        Dim = config.HiddenSize,
        Dropout = config.Dropout,
        HiddenDim = config.IntermediateSize,
        InitializerRange = config.InitializerRange,
        MaxPositionEmbeddings = config.ContextLength,
        ModelType = config.Family,
        NHeads = config.HeadCount,
        NLayers = config.LayerCount,
        PadTokenId = config.PadToken,
        QaDropout = config.AnswerDropout,
        SeqClassifDropout = config.HeadDropout,
        SinusoidalPosEmbds = false,
        TieWordEmbeddings = config.TiedEmbeddings,
        TorchDtype = "float32",
        VocabSize = config.VocabSize,
    };

    /// <summary>The configuration it describes. Fields that were not given have the library's defaults, as there; the sizes must be given.</summary>
    /// <exception cref="CheckpointException">A field is missing, contradicts another, or asks for what this family does not do here.</exception>
    public DistilBertConfig ToConfig(string path)
    {
        var check = new ConfigCheck(path);
        // Fixed waves that training leaves alone.
        check.Allow(SinusoidalPosEmbds is not true, "sinusoidal_pos_embds", "true", "false");
        var config = new DistilBertConfig
        {
            VocabSize = check.Positive(VocabSize, "vocab_size"),
            ContextLength = check.Positive(MaxPositionEmbeddings, "max_position_embeddings"),
            LayerCount = check.Positive(NLayers, "n_layers"),
            HeadCount = check.Positive(NHeads, "n_heads"),
            HiddenSize = check.Positive(Dim, "dim"),
            IntermediateSize = check.Positive(HiddenDim, "hidden_dim"),
            Activation = check.Activation(Activation, "gelu", "activation"),
            Dropout = check.Probability(Dropout, 0.1, "dropout"),
            AttentionDropout = check.Probability(AttentionDropout, 0.1, "attention_dropout"),
            ClassifierDropout = check.Probability(SeqClassifDropout, 0.2, "seq_classif_dropout"),
            AnswerDropout = check.Probability(QaDropout, 0.1, "qa_dropout"),
            InitializerRange = InitializerRange ?? 0.02,
            PadToken = PadTokenId ?? 0,
            TiedEmbeddings = TieWordEmbeddings is not false,
        };
        check.Allow(config.HiddenSize % config.HeadCount == 0, "dim", $"{config.HiddenSize}", $"a multiple of n_heads, {config.HeadCount}");
        check.Allow(config.InitializerRange >= 0, "initializer_range", $"{config.InitializerRange}", "at least 0");
        return config;
    }
}
