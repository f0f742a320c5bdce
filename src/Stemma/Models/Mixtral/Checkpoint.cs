using System.Text.Json.Nodes;
using Stemma.Models.Checkpoints;

namespace Stemma.Models.Mixtral;

/// <summary><c>MixtralForCausalLM</c>.</summary>
internal sealed class MixtralFamily : HuggingFaceFamily
{
    public override string ModelType => "mixtral";

    public override string Architecture => "MixtralForCausalLM";

    public override string Prefix => "model.";

    public override string Embedding => "model.embed_tokens.weight";

    public override Type ConfigType => typeof(MixtralConfig);

    public override DecoderConfig Read(ConfigFields fields)
    {
        fields.Require(fields.Number("router_jitter_noise", 0) == 0, "router_jitter_noise", "0");
        var (experts, top) = (fields.Size("num_local_experts", 8), fields.Size("num_experts_per_tok", 2));
        fields.Require(top <= experts, "num_experts_per_tok", $"at most num_local_experts, {experts},");
        var weight = fields.Number("router_aux_loss_coef", 0.001);
        fields.Require(weight >= 0, "router_aux_loss_coef", "at least 0");
        return WithoutScaling(Rotary(Common(new MixtralConfig
        {
            HeadSize = fields.Size("head_dim", 0),
            Window = fields.Size("sliding_window", 0),
            ExpertCount = experts,
            TopExpertCount = top,
            // The library adds the loss only where it is asked for the routers' logits.
            LoadLossWeight = fields.Flag("output_router_logits", false) ? weight : 0,
            ReportsLoadLoss = fields.Flag("output_router_logits", false),
            Activation = fields.Activation("hidden_act", "silu"),
        }, fields, false, "rms_norm_eps", 1e-5), fields, 8, 4096 * 32, 1e6), fields);
    }

    public override void Write(DecoderConfig config, JsonObject fields)
    {
        var mixtral = (MixtralConfig)config;
        WriteCommon(mixtral, fields, "rms_norm_eps");
        WriteRotary(mixtral, fields);
        RequireNoScaling(mixtral);
        fields["head_dim"] = mixtral.HeadChannels;
        fields["hidden_act"] = Name(mixtral.Activation);
        fields["sliding_window"] = mixtral.Window > 0 ? mixtral.Window : null;
        fields["num_local_experts"] = mixtral.ExpertCount;
        fields["num_experts_per_tok"] = mixtral.TopExpertCount;
        fields["router_aux_loss_coef"] = mixtral.LoadLossWeight;
        fields["output_router_logits"] = mixtral.LoadLossWeight > 0;
        fields["router_jitter_noise"] = 0.0;
    }
}
