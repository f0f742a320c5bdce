using System.Text.Json.Nodes;
using Stemma.Models.Checkpoints;

namespace Stemma.Models.Falcon;

/// <summary><c>FalconForCausalLM</c>.</summary>
internal sealed class FalconFamily : HuggingFaceFamily
{
    public override string ModelType => "falcon";

    public override string Architecture => "FalconForCausalLM";

    public override string Prefix => "transformer.";

    public override string Embedding => "transformer.word_embeddings.weight";

    public override Type ConfigType => typeof(FalconConfig);

    public override DecoderConfig Read(ConfigFields fields)
    {
        var (grouped, parallel) = (fields.Flag("new_decoder_architecture", false), fields.Flag("parallel_attn", true));
        var heads = fields.Size("num_attention_heads");
        var hidden = fields.Size(fields.Has("n_embed") ? "n_embed" : "hidden_size");
        var context = fields.Size("max_position_embeddings", 2048);
        fields.Require(parallel || !grouped, "parallel_attn", "true where new_decoder_architecture is");
        var norms = fields.WholeOrNull("num_ln_in_parallel_attn") ?? (grouped ? 2 : 1);
        fields.Require(norms is 1 or 2 && (norms == 1 || grouped), "num_ln_in_parallel_attn", grouped ? "1 or 2" : "1 or null without new_decoder_architecture");
        var keyHeads = grouped ? fields.Size("num_kv_heads", heads) : fields.Flag("multi_query", true) ? 1 : heads;
        return new FalconConfig
        {
            VocabSize = fields.Size("vocab_size"),
            HiddenSize = hidden,
            LayerCount = fields.Size("num_hidden_layers"),
            HeadCount = heads,
            KvHeadCount = keyHeads,
            IntermediateSize = fields.Size("ffn_hidden_size", 4 * hidden),
            ContextLength = context,
            NormEpsilon = fields.PositiveNumber("layer_norm_epsilon", 1e-5),
            InitializerRange = Range(fields, "initializer_range"),
            Grouped = grouped,
            Parallel = parallel,
            TwoNorms = grouped && norms == 2,
            Bias = fields.Flag("bias", false),
            Alibi = fields.Flag("alibi", false),
            RotaryTheta = fields.PositiveNumber("rope_theta", 10000),
            RotaryScaling = RotaryFields.Read(fields, context),
            Activation = fields.Activation("activation", "gelu"),
            Dropout = fields.Probability("hidden_dropout", 0),
            AttentionDropout = fields.Probability("attention_dropout", 0),
            TiesEmbeddings = fields.Flag("tie_word_embeddings", true),
        };
    }

    public override void Write(DecoderConfig config, JsonObject fields)
    {
        var falcon = (FalconConfig)config;
        WriteCommon(falcon, fields, "layer_norm_epsilon");
        fields["num_hidden_layers"] = falcon.LayerCount;
        fields["num_attention_heads"] = falcon.HeadCount;
        fields["num_kv_heads"] = falcon.KeyHeads;
        fields["multi_query"] = falcon.KeyHeads == 1;
        fields["ffn_hidden_size"] = falcon.FeedForwardSize;
        fields["max_position_embeddings"] = falcon.ContextLength;
        fields["new_decoder_architecture"] = falcon.Grouped;
        fields["parallel_attn"] = falcon.Parallel;
        fields["num_ln_in_parallel_attn"] = falcon.Grouped ? falcon.TwoNorms ? 2 : 1 : null;
        fields["bias"] = falcon.Bias;
        fields["alibi"] = falcon.Alibi;
        fields["rope_theta"] = falcon.RotaryTheta;
        fields["rope_scaling"] = RotaryFields.Write(falcon.RotaryScaling);
        fields["activation"] = Name(falcon.Activation);
        fields["hidden_dropout"] = falcon.Dropout;
        fields["attention_dropout"] = falcon.AttentionDropout;
    }
}
