using System.Text.Json.Nodes;
using Stemma.Layers;
using Stemma.Models.Checkpoints;

namespace Stemma.Models.Phi;

/// <summary><c>PhiForCausalLM</c>.</summary>
internal sealed class PhiFamily : HuggingFaceFamily
{
    public override string ModelType => "phi";

    public override string Architecture => "PhiForCausalLM";

    public override string Prefix => "model.";

    public override string Embedding => "model.embed_tokens.weight";

    public override Type ConfigType => typeof(PhiConfig);

    public override DecoderConfig Read(ConfigFields fields) => Rotary(Common(new PhiConfig
    {
        RotaryFraction = fields.PositiveNumber("partial_rotary_factor", 0.5),
        HeadNorms = fields.Flag("qk_layernorm", false),
        Activation = fields.Activation("hidden_act", "gelu_new"),
        Dropout = fields.Probability("resid_pdrop", 0),
        EmbeddingDropout = fields.Probability("embd_pdrop", 0),
    }, fields, false, "layer_norm_eps", 1e-5), fields, null, 2048);

    public override void Write(DecoderConfig config, JsonObject fields)
    {
        var phi = (PhiConfig)config;
        WriteCommon(phi, fields, "layer_norm_eps");
        WriteRotary(phi, fields);
        fields["partial_rotary_factor"] = phi.RotaryFraction;
        fields["hidden_act"] = Name(phi.Activation);
        fields["resid_pdrop"] = phi.Dropout;
        fields["embd_pdrop"] = phi.EmbeddingDropout;
        fields["qk_layernorm"] = phi.HeadNorms;
        fields["rope_scaling"] = RotaryFields.Write(phi.RotaryScaling);
    }
}

/// <summary><c>Phi3ForCausalLM</c>.</summary>
internal sealed class Phi3Family : HuggingFaceFamily
{
    public override string ModelType => "phi3";

    public override string Architecture => "Phi3ForCausalLM";

    public override string Prefix => "model.";

    public override string Embedding => "model.embed_tokens.weight";

    public override Type ConfigType => typeof(Phi3Config);

    public override DecoderConfig Read(ConfigFields fields)
    {
        var context = fields.Size("max_position_embeddings", 4096);
        RotaryScaling scaling = new NoRotaryScaling();
        if (fields.Part("rope_scaling") is { } part)
        {
            // "su" and "yarn" are older names of the same.
            var type = part.Text("type", part.Text("rope_type", ""));
            part.Require(type is "longrope" or "su" or "yarn", "type", "longrope");
            scaling = RotaryFields.ReadLong(part, fields.Size("original_max_position_embeddings", 4096));
        }
        return Common(new Phi3Config
        {
            LayerCount = fields.Size("num_hidden_layers"),
            HeadCount = fields.Size("num_attention_heads"),
            KvHeadCount = fields.Size("num_key_value_heads", fields.Size("num_attention_heads")),
            IntermediateSize = fields.Size("intermediate_size"),
            ContextLength = context,
            RotaryTheta = fields.PositiveNumber("rope_theta", 10000),
            RotaryScaling = scaling,
            AttentionDropout = fields.Probability("attention_dropout", 0),
            Dropout = fields.Probability("resid_pdrop", 0),
            EmbeddingDropout = fields.Probability("embd_pdrop", 0),
            Window = fields.Size("sliding_window", 0),
            Activation = fields.Activation("hidden_act", "silu"),
        }, fields, false, "rms_norm_eps", 1e-5);
    }

    public override void Write(DecoderConfig config, JsonObject fields)
    {
        var phi = (Phi3Config)config;
        WriteCommon(phi, fields, "rms_norm_eps");
        WriteRotary(phi, fields);
        fields["hidden_act"] = Name(phi.Activation);
        fields["resid_pdrop"] = phi.Dropout;
        fields["embd_pdrop"] = phi.EmbeddingDropout;
        fields["sliding_window"] = phi.Window > 0 ? phi.Window : null;
        fields["original_max_position_embeddings"] = phi.RotaryScaling is LongRotaryScaling { OriginalContextLength: var original } ? original : phi.ContextLength;
        fields["rope_scaling"] = phi.RotaryScaling switch
        {
            NoRotaryScaling => null,
            LongRotaryScaling { AttentionFactor: 0 } scaling => new JsonObject { ["type"] = "longrope", ["short_factor"] = RotaryFields.List(scaling.ShortFactors), ["long_factor"] = RotaryFields.List(scaling.LongFactors) },
            _ => throw new CheckpointException($"{Architecture} has no scaling of rotary positions but longrope without a factor of its own in Hugging Face's format."),
        };
    }
}
