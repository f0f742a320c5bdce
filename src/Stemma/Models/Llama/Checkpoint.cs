using System.Text.Json.Nodes;
using Stemma.Models.Checkpoints;

namespace Stemma.Models.Llama;

/// <summary><c>LlamaForCausalLM</c>.</summary>
internal sealed class LlamaFamily : HuggingFaceFamily
{
    public override string ModelType => "llama";

    public override string Architecture => "LlamaForCausalLM";

    public override string Prefix => "model.";

    public override string Embedding => "model.embed_tokens.weight";

    public override Type ConfigType => typeof(LlamaConfig);

    public override DecoderConfig Read(ConfigFields fields) => Rotary(Common(new LlamaConfig
    {
        HeadSize = fields.Size("head_dim", 0),
        AttentionBias = fields.Flag("attention_bias", false),
        FeedForwardBias = fields.Flag("mlp_bias", false),
        Activation = fields.Activation("hidden_act", "silu"),
    }, fields, false, "rms_norm_eps", 1e-6), fields, null, 2048);

    public override void Write(DecoderConfig config, JsonObject fields)
    {
        var llama = (LlamaConfig)config;
        WriteCommon(llama, fields, "rms_norm_eps");
        WriteRotary(llama, fields);
        fields["head_dim"] = llama.HeadChannels;
        fields["hidden_act"] = Name(llama.Activation);
        fields["attention_bias"] = llama.AttentionBias;
        fields["mlp_bias"] = llama.FeedForwardBias;
        fields["rope_scaling"] = RotaryFields.Write(llama.RotaryScaling);
    }
}

/// <summary><c>MistralForCausalLM</c>.</summary>
internal sealed class MistralFamily : HuggingFaceFamily
{
    public override string ModelType => "mistral";

    public override string Architecture => "MistralForCausalLM";

    public override string Prefix => "model.";

    public override string Embedding => "model.embed_tokens.weight";

    public override Type ConfigType => typeof(MistralConfig);

    public override DecoderConfig Read(ConfigFields fields) => WithoutScaling(Rotary(Common(new MistralConfig
    {
        HeadSize = fields.Size("head_dim", 0),
        Window = fields.Given("sliding_window") ? fields.Size("sliding_window", 0) : 4096,
        Activation = fields.Activation("hidden_act", "silu"),
    }, fields, false, "rms_norm_eps", 1e-6), fields, 8, 4096 * 32), fields);

    public override void Write(DecoderConfig config, JsonObject fields)
    {
        var mistral = (MistralConfig)config;
        WriteCommon(mistral, fields, "rms_norm_eps");
        WriteRotary(mistral, fields);
        fields["head_dim"] = mistral.HeadChannels;
        fields["hidden_act"] = Name(mistral.Activation);
        fields["sliding_window"] = mistral.Window > 0 ? mistral.Window : null;
        RequireNoScaling(mistral);
    }
}
