using System.Text.Json.Nodes;
using Stemma.Models.Checkpoints;

namespace Stemma.Models.Bloom;

/// <summary><c>BloomForCausalLM</c>.</summary>
internal sealed class BloomFamily : HuggingFaceFamily
{
    // The format has no longest sequence, as ALiBi has none; this is what the model was trained at.
    private const int TrainedLength = 2048;

    public override string ModelType => "bloom";

    public override string Architecture => "BloomForCausalLM";

    public override string Prefix => "transformer.";

    public override string Embedding => "transformer.word_embeddings.weight";

    public override Type ConfigType => typeof(BloomConfig);

    public override DecoderConfig Read(ConfigFields fields) => new BloomConfig
    {
        VocabSize = fields.Size("vocab_size"),
        HiddenSize = fields.Size(fields.Has("n_embed") ? "n_embed" : "hidden_size"),
        LayerCount = fields.Size(fields.Has("n_layer") ? "n_layer" : "num_hidden_layers"),
        HeadCount = fields.Size(fields.Has("n_head") ? "n_head" : "num_attention_heads"),
        ContextLength = fields.Size("seq_length", TrainedLength),
        NormEpsilon = fields.PositiveNumber("layer_norm_epsilon", 1e-5),
        InitializerRange = Range(fields, "initializer_range"),
        NormResidual = fields.Flag("apply_residual_connection_post_layernorm", false),
        Dropout = fields.Probability("hidden_dropout", 0),
        AttentionDropout = fields.Probability("attention_dropout", 0),
        TiesEmbeddings = fields.Flag("tie_word_embeddings", true),
    };

    public override void Write(DecoderConfig config, JsonObject fields)
    {
        var bloom = (BloomConfig)config;
        WriteCommon(bloom, fields, "layer_norm_epsilon");
        fields["n_layer"] = bloom.LayerCount;
        fields["n_head"] = bloom.HeadCount;
        fields["seq_length"] = bloom.ContextLength;
        fields["apply_residual_connection_post_layernorm"] = bloom.NormResidual;
        fields["hidden_dropout"] = bloom.Dropout;
        fields["attention_dropout"] = bloom.AttentionDropout;
        fields["pretraining_tp"] = 1;
        fields["slow_but_exact"] = false;
    }
}
