using System.Text.Json.Nodes;
using Stemma.Models.Checkpoints;

namespace Stemma.Models.Qwen2;

/// <summary><c>Qwen2ForCausalLM</c>.</summary>
internal sealed class Qwen2Family : HuggingFaceFamily
{
    public override string ModelType => "qwen2";

    public override string Architecture => "Qwen2ForCausalLM";

    public override string Prefix => "model.";

    public override string Embedding => "model.embed_tokens.weight";

    public override Type ConfigType => typeof(Qwen2Config);

    /// <remarks>A window holds in all layers, as in the library's plain attention; <c>max_window_layers</c> says something to other kernels only.</remarks>
    public override DecoderConfig Read(ConfigFields fields) => Rotary(Common(new Qwen2Config
    {
        Window = fields.Flag("use_sliding_window", false) ? fields.Given("sliding_window") ? fields.Size("sliding_window", 0) : 4096 : 0,
        Activation = fields.Activation("hidden_act", "silu"),
    }, fields, false, "rms_norm_eps", 1e-6), fields, 32, 32768);

    public override void Write(DecoderConfig config, JsonObject fields)
    {
        var qwen = (Qwen2Config)config;
        WriteCommon(qwen, fields, "rms_norm_eps");
        WriteRotary(qwen, fields);
        fields["hidden_act"] = Name(qwen.Activation);
        fields["rope_scaling"] = RotaryFields.Write(qwen.RotaryScaling);
        fields["use_sliding_window"] = qwen.Window > 0;
        fields["sliding_window"] = qwen.Window > 0 ? qwen.Window : null;
        fields["max_window_layers"] = 0;
    }
}
