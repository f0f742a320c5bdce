using System.Text.Json.Nodes;
using Stemma.Models.Checkpoints;

namespace Stemma.Models.GptNeoX;

/// <summary><c>GPTNeoXForCausalLM</c>.</summary>
internal sealed class GptNeoXFamily : HuggingFaceFamily
{
    public override string ModelType => "gpt_neox";

    public override string Architecture => "GPTNeoXForCausalLM";

    public override string Prefix => "gpt_neox.";

    public override string Embedding => "gpt_neox.embed_in.weight";

    public override string Head => "embed_out";

    public override Type ConfigType => typeof(GptNeoXConfig);

    public override bool IsBuffer(string name) => base.IsBuffer(name) || name.EndsWith(".attention.bias", StringComparison.Ordinal);

    public override DecoderConfig Read(ConfigFields fields)
    {
        var context = fields.Size("max_position_embeddings", 2048);
        return Common(new GptNeoXConfig
        {
            LayerCount = fields.Size("num_hidden_layers"),
            HeadCount = fields.Size("num_attention_heads"),
            IntermediateSize = fields.Size("intermediate_size"),
            ContextLength = context,
            RotaryFraction = fields.PositiveNumber("rotary_pct", 0.25),
            RotaryTheta = fields.PositiveNumber("rotary_emb_base", 10000),
            RotaryScaling = RotaryFields.Read(fields, context),
            Parallel = fields.Flag("use_parallel_residual", true),
            AttentionBias = fields.Flag("attention_bias", true),
            Activation = fields.Activation("hidden_act", "gelu"),
            AttentionDropout = fields.Probability("attention_dropout", 0),
            Dropout = fields.Probability("hidden_dropout", 0),
            EmbeddingDropout = fields.Probability("hidden_dropout", 0),
        }, fields, false, "layer_norm_eps", 1e-5);
    }

    public override void Write(DecoderConfig config, JsonObject fields)
    {
        var neox = (GptNeoXConfig)config;
        WriteCommon(neox, fields, "layer_norm_eps");
        fields["num_hidden_layers"] = neox.LayerCount;
        fields["num_attention_heads"] = neox.HeadCount;
        fields["intermediate_size"] = neox.FeedForwardSize;
        fields["max_position_embeddings"] = neox.ContextLength;
        fields["rotary_pct"] = neox.RotaryFraction;
        fields["rotary_emb_base"] = neox.RotaryTheta;
        fields["rope_scaling"] = RotaryFields.Write(neox.RotaryScaling);
        fields["use_parallel_residual"] = neox.Parallel;
        fields["attention_bias"] = neox.AttentionBias;
        fields["hidden_act"] = Name(neox.Activation);
        fields["attention_dropout"] = neox.AttentionDropout;
        fields["hidden_dropout"] = neox.Dropout;
    }
}
