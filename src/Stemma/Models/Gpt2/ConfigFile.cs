using System.Text.Json.Serialization;

namespace Stemma.Models.Gpt2;

/// <summary>
/// <c>config.json</c> of Hugging Face's GPT-2, field for field; other fields are let pass. Null is a field that was not given.
/// </summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Skip)]
internal sealed record Gpt2ConfigFile
{
    public string? ActivationFunction { get; init; }

    public bool? AddCrossAttention { get; init; }

    public string[]? Architectures { get; init; }

    public double? AttnPdrop { get; init; }

    public int? BosTokenId { get; init; }

    public double? EmbdPdrop { get; init; }

    public int? EosTokenId { get; init; }

    public double? InitializerRange { get; init; }

    public double? LayerNormEpsilon { get; init; }

    public string? ModelType { get; init; }

    public int? NCtx { get; init; }

    public int? NEmbd { get; init; }

    public int? NHead { get; init; }

    public int? NInner { get; init; }

    public int? NLayer { get; init; }

    public int? NPositions { get; init; }

    public bool? ReorderAndUpcastAttn { get; init; }

    public double? ResidPdrop { get; init; }

    public bool? ScaleAttnByInverseLayerIdx { get; init; }

    public bool? ScaleAttnWeights { get; init; }

    public bool? TieWordEmbeddings { get; init; }

    public string? TorchDtype { get; init; }

    public bool? UseCache { get; init; }

    public int? VocabSize { get; init; }

    /// <summary>The mirror of a configuration.</summary>
    public static Gpt2ConfigFile From(Gpt2Config config, int? bosEosTokenId) => new()
    {
        ActivationFunction = "gelu_new",
        AddCrossAttention = false,
        Architectures = ["GPT2LMHeadModel"],
        AttnPdrop = config.Dropout,
        BosTokenId = bosEosTokenId,
        EmbdPdrop = config.Dropout,
        EosTokenId = bosEosTokenId,
        InitializerRange = config.InitializerRange,
        LayerNormEpsilon = config.NormEpsilon,
        ModelType = "gpt2",
        NCtx = config.ContextLength,
        NEmbd = config.HiddenSize,
        NHead = config.HeadCount,
        NInner = config.IntermediateSize > 0 ? config.IntermediateSize : null,
        NLayer = config.LayerCount,
        NPositions = config.ContextLength,
        ReorderAndUpcastAttn = false,
        ResidPdrop = config.Dropout,
        ScaleAttnByInverseLayerIdx = false,
        ScaleAttnWeights = true,
        TieWordEmbeddings = true,
        TorchDtype = "float32",
        UseCache = true,
        VocabSize = config.VocabSize,
    };

    /// <summary>The configuration it describes. Fields that were not given have the library's defaults, as there; the sizes must be given.</summary>
    /// <exception cref="CheckpointException">A field is missing, contradicts another, or asks for what this GPT-2 does not do.</exception>
    public Gpt2Config ToConfig(string path)
    {
        if (ModelType is not "gpt2") throw new CheckpointException(ModelType is null ? $"{path} lacks the field model_type." : $"{path}: model_type is {ModelType}, not gpt2.");
        Allow(ActivationFunction is null or "gelu_new" or "gelu_pytorch_tanh", "activation_function", ActivationFunction, "gelu_new or gelu_pytorch_tanh");
        Allow(ScaleAttnByInverseLayerIdx is not true, "scale_attn_by_inverse_layer_idx", "true", "false");
        Allow(ScaleAttnWeights is not false, "scale_attn_weights", "false", "true");
        Allow(AddCrossAttention is not true, "add_cross_attention", "true", "false");
        Allow(TieWordEmbeddings is not false, "tie_word_embeddings", "false", "true");
        var contextLength = Required(NPositions, "n_positions");
        Allow(NCtx is null || NCtx == contextLength, "n_ctx", $"{NCtx}", $"n_positions, {contextLength}");
        var dropout = ResidPdrop ?? 0.1;
        Allow((AttnPdrop ?? 0.1) == dropout, "attn_pdrop", $"{AttnPdrop ?? 0.1}", $"resid_pdrop, {dropout}");
        Allow((EmbdPdrop ?? 0.1) == dropout, "embd_pdrop", $"{EmbdPdrop ?? 0.1}", $"resid_pdrop, {dropout}");
        Allow(NInner is null or > 0, "n_inner", $"{NInner}", "null or positive");
        var config = new Gpt2Config
        {
            VocabSize = Positive(VocabSize, "vocab_size"),
            ContextLength = Positive(contextLength, "n_positions"),
            LayerCount = Positive(NLayer, "n_layer"),
            HeadCount = Positive(NHead, "n_head"),
            HiddenSize = Positive(NEmbd, "n_embd"),
            IntermediateSize = NInner ?? 0,
            Dropout = dropout,
            NormEpsilon = LayerNormEpsilon ?? 1e-5,
            InitializerRange = InitializerRange ?? 0.02,
        };
        Allow(config.HiddenSize % config.HeadCount == 0, "n_embd", $"{config.HiddenSize}", $"a multiple of n_head, {config.HeadCount}");
        Allow(dropout is >= 0 and < 1, "resid_pdrop", $"{dropout}", "in [0, 1)");
        Allow(config.NormEpsilon > 0, "layer_norm_epsilon", $"{config.NormEpsilon}", "positive");
        Allow(config.InitializerRange >= 0, "initializer_range", $"{config.InitializerRange}", "at least 0");
        return config;

        int Required(int? value, string field) => value ?? throw new CheckpointException($"{path} lacks the field {field}.");

        int Positive(int? value, string field)
        {
            Allow(Required(value, field) > 0, field, $"{value}", "positive");
            return value!.Value;
        }

        void Allow(bool condition, string field, string? value, string allowed)
        {
            if (!condition) throw new CheckpointException($"{path}: {field} is {value}; it must be {allowed} here.");
        }
    }
}
