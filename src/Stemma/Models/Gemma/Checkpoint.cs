using System.Text.Json.Nodes;
using Stemma.Models.Checkpoints;

namespace Stemma.Models.Gemma;

/// <summary><c>GemmaForCausalLM</c>.</summary>
internal sealed class GemmaFamily : HuggingFaceFamily
{
    public override string ModelType => "gemma";

    public override string Architecture => "GemmaForCausalLM";

    public override string Prefix => "model.";

    public override string Embedding => "model.embed_tokens.weight";

    public override Type ConfigType => typeof(GemmaConfig);

    /// <remarks>The library reads <c>hidden_activation</c> alone: files that only have <c>hidden_act</c> mean the tanh form.</remarks>
    public override DecoderConfig Read(ConfigFields fields) => WithoutScaling(Rotary(Common(new GemmaConfig
    {
        HeadSize = fields.Size("head_dim", 256),
        AttentionBias = fields.Flag("attention_bias", false),
        Activation = fields.Activation("hidden_activation", "gelu_pytorch_tanh"),
    }, fields, true, "rms_norm_eps", 1e-6), fields, 16, 8192), fields);

    public override void Write(DecoderConfig config, JsonObject fields)
    {
        var gemma = (GemmaConfig)config;
        WriteCommon(gemma, fields, "rms_norm_eps");
        WriteRotary(gemma, fields);
        fields["head_dim"] = gemma.HeadChannels;
        fields["hidden_activation"] = Name(gemma.Activation);
        fields["attention_bias"] = gemma.AttentionBias;
        RequireNoScaling(gemma);
    }
}

/// <summary><c>Gemma2ForCausalLM</c>.</summary>
internal sealed class Gemma2Family : HuggingFaceFamily
{
    public override string ModelType => "gemma2";

    public override string Architecture => "Gemma2ForCausalLM";

    public override string Prefix => "model.";

    public override string Embedding => "model.embed_tokens.weight";

    public override Type ConfigType => typeof(Gemma2Config);

    public override DecoderConfig Read(ConfigFields fields) => WithoutScaling(Rotary(Common(new Gemma2Config
    {
        HeadSize = fields.Size("head_dim", 256),
        AttentionBias = fields.Flag("attention_bias", false),
        Activation = fields.Activation("hidden_activation", "gelu_pytorch_tanh"),
        Window = fields.Given("sliding_window") ? fields.Size("sliding_window", 0) : 4096,
        ScoreCap = Cap(fields, "attn_logit_softcapping", 50),
        LogitCap = Cap(fields, "final_logit_softcapping", 30),
        ScoreScale = fields.PositiveNumber("query_pre_attn_scalar", 256),
    }, fields, true, "rms_norm_eps", 1e-6), fields, 4, 8192), fields);

    public override void Write(DecoderConfig config, JsonObject fields)
    {
        var gemma = (Gemma2Config)config;
        WriteCommon(gemma, fields, "rms_norm_eps");
        WriteRotary(gemma, fields);
        fields["head_dim"] = gemma.HeadChannels;
        fields["hidden_activation"] = Name(gemma.Activation);
        fields["attention_bias"] = gemma.AttentionBias;
        // The library's mask of such a block takes a number: one as long as the context hides nothing.
        fields["sliding_window"] = gemma.Window > 0 ? gemma.Window : gemma.ContextLength;
        fields["attn_logit_softcapping"] = gemma.ScoreCap > 0 ? gemma.ScoreCap : null;
        fields["final_logit_softcapping"] = gemma.LogitCap > 0 ? gemma.LogitCap : null;
        fields["query_pre_attn_scalar"] = gemma.ScoreScale > 0 ? gemma.ScoreScale : gemma.HeadChannels;
        RequireNoScaling(gemma);
    }

    private static double Cap(ConfigFields fields, string field, double whenMissing) => !fields.Given(field) ? whenMissing : fields.Has(field) ? fields.PositiveNumber(field, 0) : 0;
}
