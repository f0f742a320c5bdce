using System.Text.Json.Nodes;
using Stemma.Models.Checkpoints;

namespace Stemma.Models.Opt;

/// <summary><c>OPTForCausalLM</c>.</summary>
internal sealed class OptFamily : HuggingFaceFamily
{
    public override string ModelType => "opt";

    public override string Architecture => "OPTForCausalLM";

    public override string Prefix => "model.";

    public override string Embedding => "model.decoder.embed_tokens.weight";

    public override Type ConfigType => typeof(OptConfig);

    public override DecoderConfig Read(ConfigFields fields) => new OptConfig
    {
        VocabSize = fields.Size("vocab_size"),
        HiddenSize = fields.Size("hidden_size"),
        LayerCount = fields.Size("num_hidden_layers"),
        HeadCount = fields.Size("num_attention_heads"),
        IntermediateSize = fields.Size("ffn_dim"),
        ContextLength = fields.Size("max_position_embeddings", 2048),
        PreNorm = fields.Flag("do_layer_norm_before", true),
        FinalNorm = !fields.Flag("_remove_final_layer_norm", false),
        Bias = fields.Flag("enable_bias", true),
        NormWeights = fields.Flag("layer_norm_elementwise_affine", true),
        EmbeddingSize = fields.Size("word_embed_proj_dim", 0),
        Activation = fields.Activation("activation_function", "relu"),
        Dropout = fields.Probability("dropout", 0.1),
        AttentionDropout = fields.Probability("attention_dropout", 0),
        InitializerRange = Range(fields, "init_std"),
        TiesEmbeddings = fields.Flag("tie_word_embeddings", true),
    };

    public override void Write(DecoderConfig config, JsonObject fields)
    {
        var opt = (OptConfig)config;
        fields["vocab_size"] = opt.VocabSize;
        fields["hidden_size"] = opt.HiddenSize;
        fields["num_hidden_layers"] = opt.LayerCount;
        fields["num_attention_heads"] = opt.HeadCount;
        fields["ffn_dim"] = opt.FeedForwardSize;
        fields["max_position_embeddings"] = opt.ContextLength;
        fields["do_layer_norm_before"] = opt.PreNorm;
        fields["_remove_final_layer_norm"] = !opt.FinalNorm;
        fields["enable_bias"] = opt.Bias;
        fields["layer_norm_elementwise_affine"] = opt.NormWeights;
        fields["word_embed_proj_dim"] = opt.TokenChannels;
        fields["activation_function"] = Name(opt.Activation);
        fields["dropout"] = opt.Dropout;
        fields["attention_dropout"] = opt.AttentionDropout;
        fields["layerdrop"] = 0.0;
        fields["init_std"] = opt.InitializerRange;
        fields["tie_word_embeddings"] = opt.TiesEmbeddings;
    }
}
