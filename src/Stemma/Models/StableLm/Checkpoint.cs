using System.Text.Json.Nodes;
using Stemma.Models.Checkpoints;

namespace Stemma.Models.StableLm;

/// <summary><c>StableLmForCausalLM</c>.</summary>
internal sealed class StableLmFamily : HuggingFaceFamily
{
    public override string ModelType => "stablelm";

    public override string Architecture => "StableLmForCausalLM";

    public override string Prefix => "model.";

    public override string Embedding => "model.embed_tokens.weight";

    public override Type ConfigType => typeof(StableLmConfig);

    public override DecoderConfig Read(ConfigFields fields) => Rotary(Common(new StableLmConfig
    {
        RotaryFraction = fields.PositiveNumber("partial_rotary_factor", 0.25),
        AttentionBias = fields.Flag("use_qkv_bias", false),
        HeadNorms = fields.Flag("qk_layernorm", false),
        Parallel = fields.Flag("use_parallel_residual", false),
        Activation = fields.Activation("hidden_act", "silu"),
        Dropout = fields.Probability("hidden_dropout", 0),
    }, fields, false, "layer_norm_eps", 1e-5), fields, 32, 4096);

    public override void Write(DecoderConfig config, JsonObject fields)
    {
        var stable = (StableLmConfig)config;
        WriteCommon(stable, fields, "layer_norm_eps");
        WriteRotary(stable, fields);
        fields["partial_rotary_factor"] = stable.RotaryFraction;
        fields["use_qkv_bias"] = stable.AttentionBias;
        fields["qk_layernorm"] = stable.HeadNorms;
        fields["use_parallel_residual"] = stable.Parallel;
        fields["hidden_act"] = Name(stable.Activation);
        fields["hidden_dropout"] = stable.Dropout;
        fields["rope_scaling"] = RotaryFields.Write(stable.RotaryScaling);
    }
}
