using System.Text.Json.Serialization;
using Stemma.Models.Albert;
using Stemma.Models.Bert;
using Stemma.Models.Checkpoints;
using Stemma.Models.Electra;
using Stemma.Models.Roberta;

namespace Stemma.Models;

/// <summary>
/// <c>config.json</c> of Hugging Face's BERT, RoBERTa, ALBERT and ELECTRA, field for field; other fields are let pass. Null is a field that
/// was not given.
/// </summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Skip)]
internal sealed record EncoderConfigFile
{
    public string[]? Architectures { get; init; }

    public double? AttentionProbsDropoutProb { get; init; }

    public bool? AddCrossAttention { get; init; }

    public double? ClassifierDropout { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? ClassifierDropoutProb { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? EmbeddingSize { get; init; }

    public string? HiddenAct { get; init; }

    public double? HiddenDropoutProb { get; init; }

    public int? HiddenSize { get; init; }

    [JsonPropertyName("id2label"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public Dictionary<string, string>? Labels { get; init; }

    [JsonPropertyName("label2id"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public Dictionary<string, int>? LabelNumbers { get; init; }

    public double? InitializerRange { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? InnerGroupNum { get; init; }

    public int? IntermediateSize { get; init; }

    public bool? IsDecoder { get; init; }

    public double? LayerNormEps { get; init; }

    public int? MaxPositionEmbeddings { get; init; }

    public string? ModelType { get; init; }

    public int? NumAttentionHeads { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? NumHiddenGroups { get; init; }

    public int? NumHiddenLayers { get; init; }

    public int? PadTokenId { get; init; }

    public string? PositionEmbeddingType { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? ProblemType { get; init; }

    public bool? TieWordEmbeddings { get; init; }

    public string? TorchDtype { get; init; }

    public int? TypeVocabSize { get; init; }

    public bool? UseCache { get; init; }

    public int? VocabSize { get; init; }

    /// <summary>The mirror of a configuration.</summary>
    public static EncoderConfigFile From(EncoderConfig config)
    {
        var file = new EncoderConfigFile
        {
            AttentionProbsDropoutProb = config.AttentionDropout,
            AddCrossAttention = false,
            ClassifierDropout = config is AlbertConfig ? null : config.ClassifierDropout,
            HiddenAct = config.Activation,
            HiddenDropoutProb = config.Dropout,
            HiddenSize = config.HiddenSize,
            InitializerRange = config.InitializerRange,
            IntermediateSize = config.IntermediateSize,
            IsDecoder = false,
            LayerNormEps = config.NormEpsilon,
            MaxPositionEmbeddings = config.ContextLength,
            ModelType = config.Family,
            NumAttentionHeads = config.HeadCount,
            NumHiddenLayers = config.LayerCount,
            PadTokenId = config.PadToken,
            PositionEmbeddingType = "absolute",
            TieWordEmbeddings = config.TiedEmbeddings,
            TorchDtype = "float32",
            UseCache = true,
            VocabSize = config.VocabSize,
        };
        return config switch
        {
            BertConfig bert => file with { TypeVocabSize = bert.TypeCount },
            RobertaConfig roberta => file with { TypeVocabSize = roberta.TypeCount, MaxPositionEmbeddings = roberta.ContextLength + roberta.PadToken + 1 },
            ElectraConfig electra => file with { TypeVocabSize = electra.TypeCount, EmbeddingSize = electra.EmbeddingSize },
            AlbertConfig albert => file with { TypeVocabSize = albert.TypeCount, EmbeddingSize = albert.EmbeddingSize, NumHiddenGroups = albert.GroupCount, InnerGroupNum = albert.BlocksPerGroup, ClassifierDropoutProb = albert.ClassifierDropout },
            _ => throw new ArgumentException($"{config.GetType().Name} has another mirror.", nameof(config)),
        };
    }

    /// <summary>The configuration it describes. Fields that were not given have the library's defaults, as there; the sizes must be given.</summary>
    /// <exception cref="CheckpointException">A field is missing, contradicts another, or asks for what this family does not do here.</exception>
    public EncoderConfig ToConfig(string path)
    {
        var check = new ConfigCheck(path);
        check.Allow(PositionEmbeddingType is null or "absolute", "position_embedding_type", PositionEmbeddingType, "absolute");
        check.Allow(IsDecoder is not true, "is_decoder", "true", "false");
        check.Allow(AddCrossAttention is not true, "add_cross_attention", "true", "false");
        var types = TypeVocabSize ?? 2;
        check.Allow(types > 0, "type_vocab_size", $"{types}", "positive");
        EncoderConfig config = ModelType switch
        {
            "bert" => new BertConfig { TypeCount = types },
            "roberta" => new RobertaConfig { TypeCount = types },
            "electra" => new ElectraConfig { TypeCount = types, EmbeddingSize = EmbeddingSize ?? 128 },
            "albert" => new AlbertConfig { TypeCount = types, EmbeddingSize = EmbeddingSize ?? 128, GroupCount = NumHiddenGroups ?? 1, BlocksPerGroup = InnerGroupNum ?? 1 },
            _ => throw new CheckpointException($"{path}: model_type is {ModelType}, which is no encoder of this kind."),
        };
        var usual = config is AlbertConfig ? 0 : 0.1;
        var pad = PadTokenId ?? (config is RobertaConfig ? 1 : 0);
        check.Allow(pad >= 0, "pad_token_id", $"{pad}", "at least 0");
        var positions = check.Positive(MaxPositionEmbeddings, "max_position_embeddings");
        if (config is RobertaConfig)
        {
            check.Allow(positions > pad + 1, "max_position_embeddings", $"{positions}", $"more than pad_token_id + 1, {pad + 1}");
            positions -= pad + 1;
        }
        config = config with
        {
            VocabSize = check.Positive(VocabSize, "vocab_size"),
            ContextLength = positions,
            LayerCount = check.Positive(NumHiddenLayers, "num_hidden_layers"),
            HeadCount = check.Positive(NumAttentionHeads, "num_attention_heads"),
            HiddenSize = check.Positive(HiddenSize, "hidden_size"),
            IntermediateSize = check.Positive(IntermediateSize, "intermediate_size"),
            Activation = check.Activation(HiddenAct, config.Activation, "hidden_act"),
            Dropout = check.Probability(HiddenDropoutProb, usual, "hidden_dropout_prob"),
            AttentionDropout = check.Probability(AttentionProbsDropoutProb, usual, "attention_probs_dropout_prob"),
            ClassifierDropout = config is AlbertConfig ? check.Probability(ClassifierDropoutProb, 0.1, "classifier_dropout_prob") : ClassifierDropout is null ? null : check.Probability(ClassifierDropout, 0, "classifier_dropout"),
            NormEpsilon = LayerNormEps ?? 1e-12,
            InitializerRange = InitializerRange ?? 0.02,
            PadToken = pad,
            TiedEmbeddings = TieWordEmbeddings is not false,
        };
        check.Allow(config.HiddenSize % config.HeadCount == 0, "hidden_size", $"{config.HiddenSize}", $"a multiple of num_attention_heads, {config.HeadCount}");
        check.Allow(config.NormEpsilon > 0, "layer_norm_eps", $"{config.NormEpsilon}", "positive");
        check.Allow(config.InitializerRange >= 0, "initializer_range", $"{config.InitializerRange}", "at least 0");
        return config;
    }
}
